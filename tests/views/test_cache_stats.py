"""The page of the cache's statistics: whose figures it shows, that they are true, and what clearing ends."""

import signal
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from pytest_django import Settings

from attendance.caching import causes, figures, pages, rounds
from attendance.caching.breaker import redis_breaker
from attendance.caching.figures import Health, ProcessState, ResourceFigures
from attendance.caching.health import TROUBLES
from attendance.models import Organisation, Room, User
from attendance.queries.cache_figures import ResourceRow, target_of
from attendance.queries.directories import course_list, student_list
from attendance.services import cache_operations
from attendance.views import cache_words
from attendance.views.cache_stats import ShownRow
from attendance.views.durations import about, duration
from tests.caching.conftest import calm, own_redis
from tests.cast import Campus, person, signed_in
from tests.kinds import served_from_cache
from tests.servers.redis_server import RunningRedis

__all__ = ["calm", "own_redis"]

STATS = "/admin/cache-stats/"


@pytest.fixture
def followed(transactional_db: None, calm: None, campus: Campus) -> Campus:
    """The campus in committed rows, with stamps that follow them."""
    assert rounds.run_now()
    return campus


@pytest.fixture
def operator(campus: Campus) -> User:
    """The administrator, who is an operator as well."""
    User.objects.filter(pk=campus.admin.pk).update(is_superuser=True)
    campus.admin.refresh_from_db()
    return campus.admin


def elsewhere(campus: Campus) -> Organisation:
    return campus.foreign_admin.organisation


def row_of(client: Client, resource: str, query: str = "") -> ShownRow:
    """Return what the page shows of a resource."""
    shown = client.get(STATS + query).context["rows"]
    return next(each for each in shown if each.row.resource == resource)


def shown_text(client: Client, query: str = "") -> str:
    return client.get(STATS + query).content.decode()


# --- Who sees what ----------------------------------------------------------------------------------------------------


def test_the_page_is_the_products_and_not_lost_below_djangos_admin(campus: Campus) -> None:
    client = signed_in(campus.admin)
    assert "attendance/cache_stats.html" in [each.name for each in client.get(STATS).templates]
    assert client.get("/admin/cache-statistics/").status_code == 404


def test_it_is_kept_by_nobody(campus: Campus) -> None:
    for name in ("cache_stats", "cache_stats_live"):
        assert name not in pages.registry
        assert "no-store" in signed_in(campus.admin).get(reverse(name))["Cache-Control"]


def test_it_is_linked_for_administrators_and_operators(operator: User) -> None:
    for place in ("/rooms/", "/admin/"):
        assert f'href="{STATS}"' in signed_in(operator).get(place).content.decode()


def test_an_administrator_has_the_own_organisation_and_no_other(campus: Campus) -> None:
    client, foreign = signed_in(campus.admin), elsewhere(campus)
    assert client.get(STATS, {"organisation": campus.organisation.slug}).status_code == 200
    for address in (STATS, reverse("cache_stats_live")):
        assert client.get(address, {"organisation": foreign.slug}).status_code == 404
    acts: list[Callable[..., Any]] = [client.get, client.post]
    for act in acts:
        named = {"resource": "student_rows", "organisation": foreign.slug}
        assert act(reverse("cache_clear"), named).status_code == 404
    assert client.post(reverse("cache_warm"), {"organisation": foreign.slug}).status_code == 404
    assert client.post(reverse("cache_clear"), {"resource": ""}).status_code == 404, "everything is for operators"


def test_an_operator_has_all_organisations_or_one(operator: User, campus: Campus) -> None:
    client = signed_in(operator)
    assert client.get(STATS).context["organisation"] is None
    assert client.get(STATS, {"organisation": "brackley"}).context["organisation"] == elsewhere(campus)
    assert client.get(STATS, {"organisation": "nowhere"}).status_code == 404


def test_an_operator_needs_no_role(campus: Campus) -> None:
    User.objects.filter(pk=campus.other_teacher.pk).update(is_superuser=True)
    assert signed_in(campus.other_teacher).get(STATS).context["organisation"] is None


def test_processes_addresses_and_entries_are_for_operators(followed: Campus) -> None:
    student_list(organisation=followed.organisation.pk.hex)
    client = signed_in(followed.admin)
    before = client.get(STATS)
    assert "samples" not in before.context
    assert not before.context["processes"]
    assert "redis://" not in before.content.decode()
    assert "Clear all" not in before.content.decode()
    User.objects.filter(pk=followed.admin.pk).update(is_superuser=True)
    after = client.get(STATS, {"resource": "student_rows"})
    assert [followed.organisation.pk.hex in each.key for each in after.context["samples"]] == [True]
    assert "redis://" in after.content.decode()
    assert "Clear all" in after.content.decode()


def test_resources_that_are_none_do_not_exist(operator: User) -> None:
    client = signed_in(operator)
    assert client.get(reverse("cache_clear"), {"resource": "elephants"}).status_code == 404
    assert client.post(reverse("cache_clear"), {"resource": "elephants"}).status_code == 404
    assert client.post(reverse("cache_warm"), {"resource": "lecture_detail"}).status_code == 404


# --- The figures ------------------------------------------------------------------------------------------------------


def test_the_figures_are_those_of_real_reads(followed: Campus) -> None:
    own, foreign = followed.organisation.pk.hex, elsewhere(followed).pk.hex
    for _time in range(4):
        student_list(organisation=own)
    student_list(organisation=foreign)
    Room.objects.create(organisation=followed.organisation, name="Attic")  # No list of students shows rooms.
    person(followed.organisation, "noor", "student", "Noor Rahimi")
    student_list(organisation=own)

    shown = row_of(signed_in(followed.admin), "student_rows")
    [counted] = [each for each in figures.resource_figures(organisation=own) if each.resource == "student_rows"]
    assert shown.row.counted == counted
    assert (counted.hits, dict(counted.misses)) == (3, {causes.COLD: 1, causes.INVALIDATED: 1})
    assert (shown.row.answers, shown.row.missed, str(shown.share)) == (5, 2, "3/5")
    assert sum(map(sum, shown.row.minutes)) == 5
    assert row_of(signed_in(followed.foreign_admin), "student_rows").row.answers == 1


def test_the_page_says_the_figures_and_which_write_ended_an_entry(followed: Campus) -> None:
    own = followed.organisation.pk.hex
    student_list(organisation=own)
    User.objects.filter(pk=followed.bilal.pk).update(family_name="Adeyemi-Cole")
    student_list(organisation=own)
    client = signed_in(followed.admin)
    text = shown_text(client)
    assert "1 changed" in text and "1 first time" in text
    assert [(each.resource, each.write, each.misses) for each in client.get(STATS).context["writes"]] == [
        ("student_rows", "user:update", 1)
    ]


@pytest.mark.parametrize(
    ("resource", "hits", "misses", "tone"),
    [
        ("teacher_list", 75, 25, "good"),
        ("teacher_list", 74, 26, "bad"),
        ("teacher_list", 0, 99, "off"),
        ("dashboard", 0, 1000, "off"),
        ("teacher_list", 0, 0, "off"),
    ],
)
def test_a_target_is_judged_from_a_hundred_reads_on(resource: str, hits: int, misses: int, tone: str) -> None:
    counted = ResourceFigures(resource, hits, {causes.COLD: misses}, {}, {}, 0, 0, None, None)
    assert ResourceRow(counted, target_of(resource), []).tone == tone


def test_the_live_part_is_the_part_of_the_page(followed: Campus) -> None:
    student_list(organisation=followed.organisation.pk.hex)
    client = signed_in(followed.admin)
    part = client.get(reverse("cache_stats_live"))
    assert [each.row.resource for each in part.context["rows"]] == ["student_rows"]
    assert "<html" not in part.content.decode()


def test_an_hour_without_reads_says_so(followed: Campus) -> None:
    assert "Nothing was read in the last hour" in shown_text(signed_in(followed.admin))


def test_more_entries_and_organisations_take_no_more_queries(followed: Campus) -> None:
    User.objects.filter(pk=followed.admin.pk).update(is_superuser=True)
    client = signed_in(followed.admin)
    student_list(organisation=followed.organisation.pk.hex)
    client.get(STATS)
    with CaptureQueriesContext(connection) as few:
        client.get(STATS)
    for number in range(12):
        another = Organisation.objects.create(slug=f"college-{number}", name=f"College {number}")
        student_list(organisation=another.pk.hex)
        course_list(organisation=another.pk.hex)
    with CaptureQueriesContext(connection) as many:
        client.get(STATS)
    assert len(many) == len(few) <= 12


# --- Clearing and warming ---------------------------------------------------------------------------------------------


def everything_stored() -> dict[str, list[Any]]:
    """Return all rows of all tables but the outbox, which says what is to be ended."""
    tables = [name for name in connection.introspection.table_names() if name != "caching_outbox"]
    with connection.cursor() as cursor:
        stored = {}
        for name in tables:
            cursor.execute(f'SELECT * FROM "{name}"')
            stored[name] = sorted(cursor.fetchall(), key=repr)
    return stored


def is_hit(organisation: Organisation) -> bool:
    """Say whether the list of students is answered from the cache; it is kept afterwards."""
    with CaptureQueriesContext(connection) as queries:
        student_list(organisation=organisation.pk.hex)
    return not queries.captured_queries


def test_clearing_ends_the_entries_of_that_resource_and_organisation_and_writes_nothing(followed: Campus) -> None:
    own, foreign = followed.organisation, elsewhere(followed)
    for organisation in (own, foreign):
        student_list(organisation=organisation.pk.hex)
        course_list(organisation=organisation.pk.hex)
    client = signed_in(followed.admin)
    before = everything_stored()
    answer = client.post(reverse("cache_clear"), {"resource": "student_rows"})
    assert everything_stored() == before
    assert (answer.status_code, answer["Location"]) == (302, STATS)
    assert [str(each) for each in get_messages(answer.wsgi_request)] == [
        "student_rows is cleared: 1 entry went. It fills again as people come."
    ]
    assert not is_hit(own)
    with served_from_cache():
        student_list(organisation=foreign.pk.hex)
        course_list(organisation=own.pk.hex)


def test_being_asked_whether_to_clear_clears_nothing(followed: Campus) -> None:
    student_list(organisation=followed.organisation.pk.hex)
    text = signed_in(followed.admin).get(reverse("cache_clear"), {"resource": "student_rows"}).content.decode()
    assert "Clear student_rows?" in text
    assert "1 entry goes." in text and "No data is lost." in text
    assert "Clear 1 entry</button>" in text
    assert is_hit(followed.organisation)


def test_an_operator_clears_everything_or_all_of_one_organisation(followed: Campus) -> None:
    User.objects.filter(pk=followed.admin.pk).update(is_superuser=True)
    client, own, foreign = signed_in(followed.admin), followed.organisation, elsewhere(followed)
    for organisation in (own, foreign):
        student_list(organisation=organisation.pk.hex)
    client.post(reverse("cache_clear"), {"organisation": own.slug})
    assert (is_hit(own), is_hit(foreign)) == (False, True)
    client.post(reverse("cache_clear"), {"resource": "student_rows"})
    assert (is_hit(own), is_hit(foreign)) == (False, False)
    client.post(reverse("cache_clear"))
    assert (is_hit(own), is_hit(foreign)) == (False, False)


def test_warming_makes_what_is_missing_for_the_organisations_meant(followed: Campus) -> None:
    own, foreign = followed.organisation, elsewhere(followed)
    client = signed_in(followed.admin)
    answer = client.post(reverse("cache_warm"), {"resource": "student_rows"})
    assert [str(each) for each in get_messages(answer.wsgi_request)] == ["Warm: 1 copy was made, 0 were there already."]
    assert (is_hit(own), is_hit(foreign)) == (True, False)
    answer = client.post(reverse("cache_warm"))
    assert "Warm: 3 copies were made, 1 was there already." in [str(each) for each in get_messages(answer.wsgi_request)]


def test_an_operator_warms_all_organisations(followed: Campus) -> None:
    User.objects.filter(pk=followed.admin.pk).update(is_superuser=True)
    signed_in(followed.admin).post(reverse("cache_warm"), {"resource": "student_rows"})
    assert (is_hit(followed.organisation), is_hit(elsewhere(followed))) == (True, True)


def test_a_warm_up_that_takes_too_long_says_what_is_left(followed: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_operations, "LONGEST_WARMING", 0.0)
    outcome = cache_operations.warm(resource="student_rows", organisations=list(Organisation.objects.all()))
    assert (outcome.made, outcome.left) == (1, 1)
    assert cache_words.warmed(outcome).endswith("1 organisation is left; warm again to go on.")


def test_what_cannot_be_warmed_now_says_why(campus: Campus) -> None:
    answer = signed_in(campus.admin).post(reverse("cache_warm"), {"resource": "student_rows"})
    assert [str(each) for each in get_messages(answer.wsgi_request)] == [
        "Nothing was kept: a transaction is under way."
    ]


# --- When something is wrong ------------------------------------------------------------------------------------------


def test_without_redis_the_page_shows_this_process_and_says_so(followed: Campus, settings: Settings) -> None:
    settings.REDIS_URL = ""
    own = followed.organisation
    for _time in range(3):
        student_list(organisation=own.pk.hex)
    client = signed_in(followed.admin)
    text = shown_text(client)
    assert "There is no Redis." in text
    assert "those of the process that answered you" in text
    counted = row_of(client, "student_rows").row.counted
    assert (counted.hits, sum(counted.misses.values()), counted.entries) == (2, 1, 1)
    client.post(reverse("cache_clear"), {"resource": "student_rows"})
    student_list(organisation=own.pk.hex)
    assert sum(row_of(client, "student_rows").row.counted.misses.values()) == 2


def test_a_redis_that_hangs_holds_the_page_up_for_less_than_a_second(
    own_redis: RunningRedis, transactional_db: None, campus: Campus
) -> None:
    # In this order: emptying the tables meets the Redis that hangs, and `calm` cleans up after that.
    assert rounds.run_now()
    client = signed_in(campus.admin)
    assert "Serving from Redis." in shown_text(client)
    own_redis.process.send_signal(signal.SIGSTOP)
    started = time.monotonic()
    text = shown_text(client)
    assert time.monotonic() - started < 1
    assert "Redis does not answer." in text
    assert redis_breaker.open


def test_a_cache_that_is_switched_off_says_so(campus: Campus, settings: Settings) -> None:
    settings.CACHE_ENABLED = False
    assert "The cache is switched off." in shown_text(signed_in(campus.admin))


def a_health(**changes: Any) -> Health:
    """Return the health of a cache that serves, changed by what is given."""
    well: dict[str, Any] = {
        "backend": "redis",
        "reason": "",
        "address": "redis://cache:6379/1",
        "answers": True,
        "round_trip_ms": 0.2,
        "fence_age_ms": 400.0,
        "outbox_rows": 12,
        "outbox_oldest_seconds": 500.0,
        "waiting": 0,
        "epoch_seconds": 3600.0,
        "clock_difference_ms": 3.0,
        "triggers_fit": True,
        "processes": (),
        "troubles": (),
    }
    return Health(**{**well, **changes})


def a_process(**changes: Any) -> ProcessState:
    well: dict[str, Any] = {
        "name": "web-1:7",
        "seen_seconds_ago": 0.4,
        "breaker_open": False,
        "rounds_alive": True,
        "code_version": "7f3c",
        "redis_forgot_seconds_ago": None,
    }
    return ProcessState(**{**well, **changes})


@pytest.mark.parametrize(
    ("changes", "tone", "headline"),
    [
        ({}, "good", "Serving from Redis."),
        ({"fence_age_ms": None}, "info", "Redis answers, and nobody was served lately."),
        ({"address": "", "answers": False}, "info", "There is no Redis. Each process keeps entries in its own memory."),
        ({"troubles": ("silent", "clocks"), "answers": False}, "warn", "Redis does not answer."),
        (
            {"processes": (a_process(redis_forgot_seconds_ago=42.0), a_process())},
            "info",
            "Redis was restarted or set back to an older copy 42.0 s ago.",
        ),
        ({"processes": (a_process(redis_forgot_seconds_ago=700.0),)}, "good", "Serving from Redis."),
    ],
)
def test_the_first_sentence_says_how_it_is(changes: dict[str, Any], tone: str, headline: str) -> None:
    notice = cache_words.notice(a_health(**changes))
    assert (notice.tone, str(notice.headline)) == (tone, headline)


def test_everything_that_may_be_wrong_has_its_words() -> None:
    assert set(cache_words._TROUBLES) == set(TROUBLES)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0012, "1.2 ms"), (0.034, "34 ms"), (0.4, "400 ms"), (1.54, "1.5 s"), (720, "12 min"), (13_920, "3 h 52 min")],
)
def test_times_are_written_in_the_unit_that_fits(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_a_wait_that_is_to_come_is_said_in_two_digits() -> None:
    assert about(0.1863) == "190 ms"


def test_every_cause_and_reason_has_its_words() -> None:
    named = {cause for _style, those, _words, _legend in cache_words._CAUSES for cause in those}
    assert set(causes.MISSES) <= named
    with translation.override("ar"):
        assert all(str(words) for _style, words in cache_words.legend())
