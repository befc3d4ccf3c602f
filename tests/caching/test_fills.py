"""What a loader reads besides rows is the clock: it says until when its result holds, and the entry ends there."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from attendance import clock
from attendance.caching import entries, fills, keys, stamps
from attendance.caching.accessors import CachedAccessor, cached
from attendance.caching.fills import UndeclaredClockError
from tests.caching.conftest import Rooms

HOUR = timedelta(hours=1)
TAGS = ["room"]


@pytest.fixture
def traveller(rooms: Rooms) -> Iterator[time_machine.Traveller]:
    """A clock that stands still until it is moved, at a time that Redis shares."""
    with time_machine.travel(clock.now(), tick=False) as moving:
        yield moving


def every_ten_minutes(loads: list[int]) -> CachedAccessor[..., int]:
    """Ten-minute slots since the test began, counted from 0."""
    begin = clock.now()
    slot = timedelta(minutes=10)

    @cached("slots", timeout=HOUR, tags=lambda: TAGS)
    def slots() -> int:
        loads.append(1)
        number = (clock.now() - begin) // slot
        fills.valid_until(begin + (number + 1) * slot)
        return number

    return slots


def test_a_clock_read_without_an_end_is_an_error(rooms: Rooms) -> None:
    @cached("hours", timeout=HOUR, tags=lambda: TAGS)
    def hour() -> int:
        return clock.now().hour

    with pytest.raises(UndeclaredClockError):
        hour()
    assert entries.read("hours", TAGS).value is None, "nothing was stored"


def test_the_day_is_read_from_the_clock_too(rooms: Rooms) -> None:
    with pytest.raises(UndeclaredClockError):
        fills.run(lambda: str(clock.today(rooms.organisation.zone)).encode())


def test_an_end_may_be_declared_before_or_after_the_read(rooms: Rooms) -> None:
    def before() -> bytes:
        fills.valid_until(end)
        return str(clock.now()).encode()

    def after() -> bytes:
        clock.now()
        fills.valid_until(end)
        return b""

    end = clock.now() + HOUR
    assert [fills.run(load)[1].valid_until for load in (before, after)] == [end, end]


def test_the_earliest_end_counts(rooms: Rooms) -> None:
    def load() -> bytes:
        for hours in (3, 1, 2):
            fills.valid_until(begin + hours * HOUR)
        return b""

    begin = clock.now()
    assert fills.run(load)[1].valid_until == begin + HOUR


def test_an_entry_holds_up_to_its_end_and_not_longer(rooms: Rooms, traveller: time_machine.Traveller) -> None:
    loads: list[int] = []
    slots = every_ten_minutes(loads)
    assert slots() == 0
    traveller.shift(599.999)
    assert slots() == 0
    assert len(loads) == 1
    traveller.shift(0.001)
    assert slots() == slots() == 1
    assert len(loads) == 2


def test_what_has_ended_already_is_not_stored(rooms: Rooms, traveller: time_machine.Traveller) -> None:
    def load() -> bytes:
        fills.valid_until(clock.now())
        return b"1"

    entries.fill("n", TAGS, HOUR, load)
    assert entries.read("n", TAGS).value is None


def test_redis_forgets_the_entry_at_its_end(rooms: Rooms) -> None:
    def load() -> bytes:
        fills.valid_until(clock.now() + timedelta(seconds=30))
        return b"1"

    entries.fill("n", TAGS, HOUR, load)
    assert 0 < stamps.client().pttl(keys.entry("n")) <= 30_000


def test_outside_a_fill_the_clock_is_free(rooms: Rooms) -> None:
    clock.now()
    fills.valid_until(clock.now())
    assert fills.run(lambda: b"1")[1] == fills.Fill()


def test_after_a_failed_load_the_clock_is_free_again(rooms: Rooms) -> None:
    def load() -> bytes:
        raise LookupError

    with pytest.raises(LookupError):
        fills.run(load)
    clock.now()
    assert fills.run(lambda: b"1")[1] == fills.Fill()


def test_an_entry_made_of_another_one_ends_with_it(rooms: Rooms, traveller: time_machine.Traveller) -> None:
    loads: list[int] = []
    slots = every_ten_minutes(loads)

    @cached("twice", timeout=HOUR, tags=lambda: TAGS)
    def twice() -> int:
        return 2 * slots()

    assert slots() == 0, "the inner one is a hit when the outer one is made"
    assert twice() == 0
    traveller.shift(600)
    assert twice() == 2


def test_an_entry_made_of_another_one_that_is_missing_ends_with_it(
    rooms: Rooms, traveller: time_machine.Traveller
) -> None:
    slots = every_ten_minutes([])

    @cached("twice", timeout=HOUR, tags=lambda: TAGS)
    def twice() -> int:
        return 2 * slots()

    assert twice() == 0
    traveller.shift(600)
    assert twice() == 2
