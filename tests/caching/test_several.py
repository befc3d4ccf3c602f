"""Several entries of one accessor in one look: one trip when all are there, and each miss as if it were read alone."""

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries, Settings

from attendance import cache_tags, clock
from attendance.caching import background, causes, counters, fills, flights, rounds
from attendance.caching.accessors import CachedAccessor, cached
from attendance.models import Organisation, Room
from tests.caching.conftest import Rooms, Trips
from tests.servers.redis_server import RunningRedis


class Halls:
    """The rooms of several organisations, read through the cache."""

    def __init__(self) -> None:
        self.loads: list[str] = []
        self.organisations = [
            Organisation.objects.create(slug=f"place-{number}", name=f"Place {number}") for number in range(4)
        ]
        for organisation in self.organisations:
            Room.objects.create(organisation=organisation, name=f"Hall of {organisation.name}")
        self.accessor = self._accessor()

    def _accessor(self) -> CachedAccessor[..., list[str]]:
        @cached(
            "halls",
            timeout=timedelta(seconds=60),
            tags=lambda *, organisation: [cache_tags.rooms_of(organisation)],
        )
        def halls(*, organisation: str) -> list[str]:
            self.loads.append(organisation)
            return list(Room.objects.filter(organisation=organisation).order_by("name").values_list("name", flat=True))

        return halls

    def calls(self, *numbers: int) -> list[dict[str, Any]]:
        return [{"organisation": self.organisations[number].pk.hex} for number in numbers]

    def read(self, *numbers: int) -> list[list[str]]:
        return self.accessor.several(self.calls(*numbers))


def kill(server: RunningRedis) -> None:
    server.process.kill()
    server.process.wait()


def expected(*numbers: int) -> list[list[str]]:
    return [[f"Hall of Place {number}"] for number in numbers]


@pytest.fixture
def halls(rooms: Rooms) -> Halls:
    """Four organisations with a room each, none of them read yet."""
    return Halls()


@pytest.fixture
def warm(halls: Halls, trips: Trips) -> Halls:
    """All of them read, and nothing counted yet."""
    assert halls.read(0, 1, 2, 3) == expected(0, 1, 2, 3)
    halls.loads.clear()
    trips.clear()
    counters.tally.begin_anew()
    return halls


def counted(kind: str) -> int:
    """How often something was counted."""
    minutes = counters.tally.minutes().values()
    return sum(number for each in minutes for what, number in each.items() if what.kind == kind)


def test_all_that_are_kept_take_one_trip_and_no_query(
    warm: Halls, trips: Trips, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert warm.read(2, 0, 3, 1) == expected(2, 0, 3, 1)
    assert (len(trips), counted(counters.HIT), counted(counters.MISS)) == (1, 4, 0)


def test_one_that_is_missing_is_loaded_alone_as_it_would_be_by_itself(
    warm: Halls, trips: Trips, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Room.objects.filter(organisation=warm.organisations[1]).update(name="Loft")
    trips.clear()
    with django_assert_num_queries(1):
        assert warm.read(0, 1, 2) == [*expected(0), ["Loft"], *expected(2)]
    assert warm.loads == [warm.organisations[1].pk.hex]
    assert len(trips) == 6, "the look at all three, and of the one its lock, second look, vector, store and release"
    assert (counted(counters.HIT), counted(counters.MISS), counted(counters.STORED)) == (2, 1, 1)


def test_what_is_asked_for_twice_is_read_once(warm: Halls, trips: Trips) -> None:
    assert warm.read(1, 1, 0, 1) == expected(1, 1, 0, 1)
    assert (len(trips), counted(counters.HIT)) == (1, 2)
    Room.objects.filter(organisation=warm.organisations[1]).update(name="Loft")
    assert warm.read(1, 1) == [["Loft"], ["Loft"]]
    assert len(warm.loads) == 1


def test_nothing_asked_for_asks_nobody(warm: Halls, trips: Trips) -> None:
    assert warm.read() == []
    assert not trips


def test_entries_of_single_calls_and_of_several_are_the_same(halls: Halls, trips: Trips) -> None:
    assert halls.accessor(**halls.calls(2)[0]) == expected(2)[0]
    assert halls.read(1, 2) == expected(1, 2)
    assert halls.accessor(**halls.calls(1)[0]) == expected(1)[0]
    assert len(halls.loads) == 2


def test_inside_a_transaction_each_is_read_from_the_database(warm: Halls, trips: Trips) -> None:
    with transaction.atomic():
        Room.objects.filter(organisation=warm.organisations[1]).update(name="Loft")
        assert warm.read(0, 1) == [*expected(0), ["Loft"]]
        transaction.set_rollback(True)
    assert len(warm.loads) == 2
    assert counted(counters.BYPASS) == 2
    assert warm.read(0, 1) == expected(0, 1)


def test_without_redis_each_is_kept_in_memory(warm: Halls, trips: Trips, settings: Settings) -> None:
    settings.REDIS_URL = ""
    assert warm.read(0, 1) == expected(0, 1)
    with CaptureQueriesContext(connection) as queries:
        assert warm.read(0, 1) == expected(0, 1)
    assert (len(queries), len(warm.loads), len(trips)) == (2, 2, 0), "each hit asks whether there is news"
    Room.objects.filter(organisation=warm.organisations[1]).update(name="Loft")
    assert warm.read(0, 1) == [*expected(0), ["Loft"]]


def test_a_redis_that_is_away_is_tried_once_for_all_of_them(
    own_redis: RunningRedis, halls: Halls, trips: Trips
) -> None:
    kill(own_redis)
    assert halls.read(0, 1, 2, 3) == expected(0, 1, 2, 3)
    assert counted(counters.BYPASS) == 4
    assert len(trips) <= 1
    assert halls.read(0, 1, 2, 3) == expected(0, 1, 2, 3), "from memory now"


def test_a_redis_that_fails_between_two_misses_is_not_tried_again_for_the_second(
    halls: Halls, trips: Trips, own_redis: RunningRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rounds.run_now()
    load = flights.load_once
    tried: list[str] = []

    def failing(wanted: Any, missed: Any) -> bytes:
        if not tried:
            kill(own_redis)
        tried.append(wanted.name)
        return load(wanted, missed)

    monkeypatch.setattr(flights, "load_once", failing)
    assert halls.read(0, 1, 2) == expected(0, 1, 2)
    assert len(tried) == 1
    by_why = [what.why for each in counters.tally.minutes().values() for what in each if what.kind == counters.BYPASS]
    assert set(by_why) == {causes.SILENT}


def test_each_that_is_due_is_made_anew_and_served_meanwhile(warm: Halls, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting: list[Any] = []
    monkeypatch.setattr(background, "submit", waiting.append)
    with time_machine.travel(clock.now() + timedelta(seconds=55), tick=False):
        assert warm.read(0, 1) == expected(0, 1)
        assert (len(waiting), warm.loads) == (2, [])
        for work in waiting:
            work()
        assert sorted(warm.loads) == sorted(each["organisation"] for each in warm.calls(0, 1))


def test_the_log_names_each(warm: Halls, caplog: pytest.LogCaptureFixture, settings: Settings) -> None:
    settings.CACHE_LOG_HITS = True
    with caplog.at_level(logging.DEBUG, "lumina_learn.cache"):
        warm.read(0, 1)
    assert len([each for each in caplog.records if "halls" in each.getMessage()]) == 2


def test_the_earliest_end_of_several_reaches_what_is_made_of_them(halls: Halls) -> None:
    ends = {organisation.pk.hex: clock.now() + timedelta(minutes=number + 1) for number, organisation in
            enumerate(halls.organisations)}  # fmt: skip

    @cached("ending", timeout=timedelta(hours=1), tags=lambda *, organisation: [cache_tags.rooms_of(organisation)])
    def ending(*, organisation: str) -> str:
        fills.valid_until(ends[organisation])
        return organisation

    def made() -> bytes:
        return "".join(ending.several(halls.calls(3, 1, 2))).encode()

    for _time in ("missed", "kept"):
        _value, filled = fills.run(made)
        assert filled.valid_until is not None
        assert abs(filled.valid_until - ends[halls.organisations[1].pk.hex]) < timedelta(milliseconds=2)


def test_past_the_cache_an_accessor_may_read_all_of_them_in_one_go(warm: Halls, settings: Settings) -> None:
    asked: list[list[str]] = []

    def together(calls: Sequence[Mapping[str, Any]]) -> list[list[str]]:
        asked.append([call["organisation"] for call in calls])
        return [["read", call["organisation"]] for call in calls]

    warm.accessor.together = together
    first, second = (call["organisation"] for call in warm.calls(0, 1))
    assert warm.read(0, 1) == expected(0, 1), "what is kept is not read again"
    settings.CACHE_ENABLED = False
    assert warm.read(0, 1, 0) == [["read", first], ["read", second], ["read", first]]
    assert asked == [[first, second]]
    assert warm.accessor(organisation=first) == expected(0)[0], "a single call reads by itself"
