"""Every request for a cached page counts once: as a hit, as a miss by its cause, or as one that passed the cache by."""

from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from django.test import Client
from django.urls import reverse
from redis.exceptions import TimeoutError as RedisTimeoutError

from attendance.caching import causes, counters, entries, figures
from attendance.caching.breaker import redis_breaker
from attendance.models import Room, User
from tests.cast import signed_in
from tests.pages.every import Stage


@pytest.fixture
def counted(stage: Stage) -> Stage:
    """The stage, with everything forgotten that was counted while it was set."""
    counters.tally.take()
    return stage


def of(resource: str, organisation: str | None = None) -> figures.ResourceFigures:
    [found] = [each for each in figures.resource_figures(organisation=organisation) if each.resource == resource]
    return found


def test_what_answers_say_of_themselves_is_what_is_counted(anywhere: str, counted: Stage) -> None:
    said: Counter[str] = Counter()
    for number in range(12):
        if number in (4, 9):
            User.objects.filter(pk=counted.campus.kwame.pk).update(family_name=f"Mensah {number}")
        for actor in ("ines", "kwame", "admin"):
            said[counted.cached(actor, "/teachers/").why.removeprefix("LuminaLearn; ").partition(";")[0]] += 1
    found = of("teacher_list", counted.campus.organisation.pk.hex)
    assert (found.hits, sum(found.misses.values())) == (said["hit"], said["fwd=miss"])
    assert found.bypassed == {}
    assert sum(said.values()) == 36 and said["hit"] > 12
    assert set(found.misses) <= {causes.COLD, causes.INVALIDATED}
    assert found.ended_by.keys() == {"user:update"}


MEANWHILE: dict[str, Callable[[Stage], object]] = {
    "the reader changes": lambda stage: User.objects.filter(pk=stage.campus.ines.pk).update(language="ar"),
    "Redis falls silent": lambda _stage: redis_breaker.failed(RedisTimeoutError("frozen")),
}


@pytest.mark.parametrize("meanwhile", MEANWHILE)
def test_a_miss_that_the_view_has_to_answer_after_all_counts_once(
    counted: Stage, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    counted.cached("ines", "/courses/")
    take, taken = entries.take, list[bool]()

    def taken_late(tags: Sequence[str]) -> entries.Taken:
        if not taken:
            taken.append(True)
            MEANWHILE[meanwhile](counted)
        return take(tags)

    monkeypatch.setattr(entries, "take", taken_late)
    assert counted.cached("ines", "/teachers/").why == "LuminaLearn; fwd=miss"
    [numbers] = counters.tally.minutes().values()
    kinds = [each.kind for each in numbers if each.resource == "teacher_list"]
    assert kinds == [counters.MISS] and taken


def test_what_decides_who_may_see_a_lecture_is_read_once_for_all(counted: Stage) -> None:
    address = counted.address("lecture_show")
    for actor in ("ines", "amira", "admin", "amira", "ines"):
        counted.cached(actor, address)
    page, grant = of("lecture_detail"), of("lecture_grant")
    assert (page.hits, page.misses) == (2, {causes.COLD: 3}), "one for each role"
    assert (grant.misses, grant.stored) == ({causes.COLD: 1}, 1)


def test_who_may_not_see_a_lecture_is_answered_by_the_view(counted: Stage) -> None:
    assert counted.cached("outsider", counted.address("lecture_show")).status == 404
    assert of("lecture_detail").bypassed == {causes.NOT_ADMITTED: 1}


def test_who_passes_the_cache_by_is_counted_with_the_reason(counted: Stage) -> None:
    address, browser = reverse("teacher_list"), counted.browsers["ines"]
    Client().get(address)
    browser.head(address)
    browser.cookies["messages"] = "[]"
    browser.get(address)
    del browser.cookies["messages"]
    signed_in(counted.campus.ines).get(address)
    counted.twin("ines", address)
    assert of("teacher_list").bypassed == dict.fromkeys(
        [causes.NOBODY, causes.HEAD, causes.MESSAGE, causes.FORMLESS, causes.SWITCHED_OFF], 1
    )


def test_the_rooms_of_a_lecture_end_its_page(counted: Stage) -> None:
    for _time in range(2):
        counted.cached("ines", counted.address("lecture_show"))
    Room.objects.filter(pk=counted.campus.room.pk).update(name="Elsewhere")
    counted.cached("ines", counted.address("lecture_show"))
    assert of("lecture_detail").ended_by == {"room:update": 1}


def test_clearing_an_organisation_ends_its_pages_and_permissions(anywhere: str, counted: Stage) -> None:
    address = counted.address("lecture_show")
    for _time in range(3):
        counted.cached("ines", address)
    assert counted.cached("ines", address).why.endswith("; hit")
    figures.clear(resource=None, organisation=counted.campus.organisation.pk.hex, actor="a test")
    assert not counted.cached("ines", address).why.endswith("; hit")


def test_what_is_counted_says_nothing_of_who_read(counted: Stage) -> None:
    """Two readers of pages of their own leave the same behind."""

    def read(actor: str) -> set[counters.Counted]:
        counters.tally.take()
        counted.cached(actor, "/dashboard/")
        return {each for numbers in counters.tally.take().values() for each in numbers}

    assert read("ines") == read("kwame")
