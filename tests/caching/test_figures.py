"""Figures: every read counts once and for the right reason, however processes, forks and Redis come and go."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from pytest_django import Settings

from attendance import cache_tags, clock
from attendance.cache_utils import CacheManager
from attendance.caching import background, causes, counters, figures, fills, keys, reports, rounds, schema, stamps
from attendance.caching.accessors import cached
from attendance.caching.breaker import redis_breaker
from attendance.caching.figures import ResourceFigures
from attendance.models import Organisation, Room
from tests.caching.conftest import Rooms, Trips
from tests.servers.redis_server import RunningRedis


def of(resource: str = "rooms", organisation: str | None = None) -> ResourceFigures:
    """Return the figures of one resource."""
    [found] = [each for each in figures.resource_figures(organisation=organisation) if each.resource == resource]
    return found


def misses(rooms: Rooms) -> dict[str, int]:
    """Return why the next read of a room that is there already is none of the cache's."""
    before = of().misses
    rooms.now()
    after = of().misses
    return {cause: after[cause] - before.get(cause, 0) for cause in after if after[cause] != before.get(cause, 0)}


# --- Hits and misses --------------------------------------------------------------------------------------------------


def test_a_read_is_a_miss_and_then_a_hit_and_what_is_stored_has_a_size(rooms: Rooms) -> None:
    for _time in range(4):
        rooms.now()
    found = of()
    assert (found.hits, found.misses, found.bypassed, found.stored, found.entries) == (3, {"cold": 1}, {}, 1, 1)
    assert found.ratio == 0.75
    assert found.bytes == len(b"[]")
    assert found.load_seconds is not None and 0 < found.load_seconds < 5


def test_figures_are_kept_apart_by_organisation(rooms: Rooms) -> None:
    other = Organisation.objects.create(slug="other", name="Other")
    rooms.now()
    rooms.now()
    rooms.accessor()(organisation=other.pk.hex)
    assert of().hits == 1 and sum(of().misses.values()) == 2
    own = of(organisation=rooms.organisation.pk.hex)
    assert (own.hits, own.misses, own.entries) == (1, {"cold": 1}, 1)
    assert of(organisation=other.pk.hex).hits == 0
    assert figures.resource_figures(organisation="f" * 32) == []


def test_a_resource_that_nobody_read_has_no_ratio() -> None:
    nothing = ResourceFigures("rooms", 0, {}, {}, {}, 0, 0, None, None)
    assert nothing.ratio is None


def test_a_write_is_named_as_the_reason(rooms: Rooms, make_room: Callable[[str], Room]) -> None:
    make_room("A")
    rooms.now()
    Room.objects.update(name="B")
    assert misses(rooms) == {causes.INVALIDATED: 1}
    assert of().ended_by == {"room:update": 1}


def test_a_value_whose_time_is_over_has_expired(rooms: Rooms) -> None:
    rooms.now()
    with time_machine.travel(clock.now() + timedelta(seconds=61), tick=False):
        [key] = stamps.client().scan_iter(match=f"{keys.entry('rooms')}:*")
        stamps.client().delete(key)  # As Redis does by its own clock, which does not travel.
        assert misses(rooms) == {causes.EXPIRED: 1}


def test_a_value_that_ends_by_the_clock_has_expired(rooms: Rooms) -> None:
    @cached("hours", timeout=timedelta(hours=1), tags=lambda: [cache_tags.rooms_of(rooms.organisation.pk)])
    def hours() -> int:
        fills.valid_until(clock.now() + timedelta(milliseconds=80))
        return 1

    hours()
    time.sleep(0.1)
    hours()
    assert of("hours").misses == {causes.COLD: 1, causes.EXPIRED: 1}


def test_after_a_new_epoch_that_is_the_reason(rooms: Rooms) -> None:
    rooms.now()
    CacheManager.clear_all()
    assert misses(rooms) == {causes.EPOCH: 1}
    assert of().ended_by == {}


@pytest.mark.parametrize("lost", ["entry", "stamp"])
def test_what_redis_let_go_is_lost(rooms: Rooms, lost: str) -> None:
    rooms.now()
    pattern = f"{keys.entry('rooms')}:*" if lost == "entry" else keys.stamps(["room"])[0].replace("{", "[{]")
    for key in list(stamps.client().scan_iter(match=pattern)):
        stamps.client().delete(key)
    assert misses(rooms) == {causes.LOST: 1}


def test_a_stamp_that_was_lost_and_made_anew_is_no_write(rooms: Rooms) -> None:
    rooms.now()
    stamps.client().delete(*keys.stamps(["room"]))
    stamps.take(["room"])
    assert misses(rooms) == {causes.LOST: 1}


def test_another_version_of_the_code_begins_cold(rooms: Rooms, settings: Settings) -> None:
    rooms.now()
    settings.CODE_VERSION = "newer"
    assert misses(rooms) == {causes.COLD: 1}
    assert of().entries == 1, "those of the other version are of no use to this one"


def test_the_reasons_for_passing_the_cache_by(
    rooms: Rooms, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction.atomic():
        rooms.now()
    settings.CACHE_ENABLED = False
    rooms.now()
    settings.CACHE_ENABLED = True
    stamps.client().delete(keys.fence())
    monkeypatch.setattr(rounds, "try_one", lambda: False)
    rooms.now()
    monkeypatch.setattr(schema, "follows_the_rules", lambda: False)
    rooms.now()
    found = of()
    assert (found.hits, found.misses) == (0, {})
    assert found.bypassed == dict.fromkeys(
        [causes.IN_TRANSACTION, causes.SWITCHED_OFF, causes.NOT_FOLLOWED, causes.OTHER_TRIGGERS], 1
    )


def test_every_cause_and_reason_is_of_the_closed_lists(rooms: Rooms) -> None:
    assert len({*causes.MISSES, *causes.BYPASSES}) == len(causes.MISSES) + len(causes.BYPASSES)


def test_values_of_scripts_count_for_the_organisation_in_their_key(rooms: Rooms) -> None:
    own = rooms.organisation.pk
    assert CacheManager.get("rooms_free", own) is None
    CacheManager.set("rooms_free", own, [1])
    assert CacheManager.get("rooms_free", own) == [1]
    found = of("rooms_free", own.hex)
    assert (found.hits, found.misses, found.stored, found.entries) == (1, {"cold": 1}, 1, 1)
    CacheManager.invalidate("rooms_free", own)
    assert CacheManager.get("rooms_free", own) is None
    assert of("rooms_free").ended_by == {"manual:invalidate on request": 1}


def test_the_last_minutes_are_a_series(rooms: Rooms) -> None:
    with time_machine.travel(clock.now() - timedelta(minutes=3), tick=False):
        rooms.now()
        reports.report.tell()
    for _time in range(3):
        rooms.now()
    series = figures.series(resource="rooms", organisation=None, minutes=5)
    assert len(series) == 5 and sum(hits for hits, _misses in series) == 3
    assert series[-4] == (0, 1)
    assert figures.series(resource="other", organisation=None, minutes=2) == [(0, 0), (0, 0)]
    assert sum(of().misses.values()) == sum(misses for _hits, misses in series)


def test_a_script_is_told_the_rate_of_the_last_hour(rooms: Rooms) -> None:
    for _time in range(4):
        rooms.now()
    stats = CacheManager.get_stats()
    assert stats == CacheManager.get_stats(rooms.organisation.pk)
    assert {name: stats[name] for name in stats if name != "memory_cache_size"} == {
        "redis_available": True,
        "redis_keys": 1,
        "redis_hits": 3,
        "redis_misses": 1,
        "redis_hit_rate": 0.75,
    }
    assert CacheManager.get_stats("0" * 32)["redis_hits"] == 0


@pytest.mark.parametrize("place", ["index", "indexes", "minute", "total", "processes"])
def test_a_key_of_another_kind_in_the_place_of_figures_harms_no_reader(rooms: Rooms, place: str) -> None:
    planted = {
        "index": keys.index("rooms", rooms.organisation.pk.hex),
        "indexes": keys.indexes(),
        "minute": keys.counts(counters.this_minute(), None),
        "total": keys.totals(),
        "processes": keys.processes(),
    }
    stamps.client().set(planted[place], "planted")
    for _time in range(3):
        assert rooms.now() == []
    background._tell()
    figures.resource_figures(organisation=None)
    figures.samples(resource="rooms", organisation=None)
    assert figures.health().answers
    assert len(rooms.loads) == 1 and not redis_breaker.open


def test_figures_that_somebody_planted_are_passed_over(rooms: Rooms) -> None:
    stamps.client().hset(keys.processes(), mapping={"a": "1 no json", "b:1:c": "2 {}", "c": "[]"})
    stamps.client().hset(
        keys.counts(counters.this_minute(), None), mapping={"x": "1", "a\tb\tc\td": "2", "a\thit\t": "no"}
    )
    rooms.now()
    assert [each.resource for each in figures.resource_figures(organisation=None)] == ["rooms"]
    assert [process.name for process in figures.health().processes] == [reports.report.name.rpartition(":")[0]]


# --- What it costs ----------------------------------------------------------------------------------------------------


def test_counting_a_hit_costs_no_trip(rooms: Rooms, trips: Trips) -> None:
    rooms.now()
    trips.clear()
    for _time in range(5):
        rooms.now()
    assert len(trips) == 5, "one look each, as before"


def test_telling_costs_one_trip_however_much_there_is(rooms: Rooms, trips: Trips) -> None:
    for number in range(200):
        counters.hit(f"resource {number}", "1")
    trips.clear()
    reports.report.tell()
    assert len(trips) == 1
    background._tell()
    assert len(trips) == 1, "a second has not passed"


# --- Nothing is lost, nothing counts twice ----------------------------------------------------------------------------


def test_a_report_whose_answer_got_lost_counts_once(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    rooms.now()
    rooms.now()
    send = reports.Report._send

    def send_and_lose_the_answer(self: reports.Report, what: counters.Minutes) -> int:
        send(self, what)
        raise stamps_error

    stamps_error = reports.RedisError("the answer got lost")
    with monkeypatch.context() as patch:
        patch.setattr(reports.Report, "_send", send_and_lose_the_answer)
        with pytest.raises(reports.RedisError):
            reports.report.tell()
    rooms.now()
    assert of().hits == 2


def test_what_is_counted_while_redis_is_away_is_told_when_it_is_back(own_redis: RunningRedis, rooms: Rooms) -> None:
    rounds.run_now()
    own_redis.process.send_signal(signal.SIGSTOP)
    for _time in range(3):
        rooms.now()
    assert redis_breaker.open
    seen = of()
    assert (seen.hits, seen.misses, seen.bypassed) == (1, {"cold": 1}, {causes.SILENT: 1}), "in this process, for now"
    own_redis.process.send_signal(signal.SIGCONT)
    background._one_round()
    background._tell()
    assert not redis_breaker.open
    assert (of().hits, of().misses, of().bypassed) == (1, {"cold": 1}, {causes.SILENT: 1})


def test_a_redis_that_forgot_is_noticed(rooms: Rooms, caplog: pytest.LogCaptureFixture) -> None:
    reports.report.tell()
    reports.report.tell()
    stamps.client().delete(keys.processes())
    reports.log.addHandler(caplog.handler)
    reports.report.tell()
    reports.log.removeHandler(caplog.handler)
    assert "Redis has lost what it was told" in caplog.text
    reports.report.tell()
    assert "set back to an older copy" in figures.health().reason


COUNTING = """
import os, sys, threading
import django
django.setup()
from django.conf import settings
settings.CACHES["default"]["KEY_PREFIX"] = sys.argv[1]
from attendance.caching import counters
counters.hit("forked", "before")
children = []
for number in range(3):
    child = os.fork()
    if child == 0:
        threads = [threading.Thread(target=lambda: [counters.hit("forked", "child") for _ in range(500)]) for _ in "ab"]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        sys.exit()
    children.append(child)
counters.hit("forked", "after")
assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
"""


def test_forked_processes_tell_what_they_counted_and_their_parents_figures_once(
    rooms: Rooms, settings: Settings, process_environment: dict[str, str]
) -> None:
    prefix = settings.CACHES["default"]["KEY_PREFIX"]
    answer = subprocess.run(
        [sys.executable, "-W", "error", "-c", COUNTING, prefix], env=process_environment, capture_output=True, text=True
    )
    assert (answer.returncode, answer.stderr) == (0, "")
    assert {each: of("forked", each).hits for each in ("before", "child", "after")} == {
        "before": 1,
        "child": 3000,
        "after": 1,
    }
    assert of("forked").hits == 3002
