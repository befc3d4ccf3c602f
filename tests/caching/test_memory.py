"""Without Redis: entries in the memory of the process, bounded, and asked of the database at each hit."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries, Settings
from redis.exceptions import RedisError

from attendance import clock
from attendance.caching import background, bypass, fills, memory, outbox
from attendance.caching.accessors import cached
from attendance.caching.breaker import redis_breaker
from attendance.caching.causes import Missed
from attendance.caching.memory import Item, Memory
from attendance.models import Organisation, Room, Term
from tests.caching.conftest import Rooms
from tests.caching.lookups import lookup
from tests.models.institution import MONDAY_NINE

MINUTE = timedelta(seconds=60)
TAGS = ["room"]


@pytest.fixture
def no_redis(rooms: Rooms, settings: Settings) -> Iterator[None]:
    settings.REDIS_URL = ""
    yield
    memory.memory.drop()


def item(value: bytes = b"1") -> Item:
    return Item(value, TAGS, outbox.position(), ends_at=4e9)


def names(held: Memory, resource: str = "rooms") -> list[str]:
    return list(held.items[resource])


def fill_up(held: Memory, number: int, *, first: int = 0, resource: str = "rooms") -> None:
    for each in range(first, first + number):
        held.put(resource, f"n{each}", item())


def test_a_hit_comes_from_memory(rooms: Rooms, no_redis: None, make_room: Callable[[str], Room]) -> None:
    make_room("A")
    assert rooms.now() == rooms.now() == ["A"]
    assert len(rooms.loads) == 1


def test_a_write_is_seen_at_once(rooms: Rooms, no_redis: None, make_room: Callable[[str], Room]) -> None:
    make_room("A")
    rooms.now()
    make_room("B")
    assert rooms.now() == ["A", "B"]
    Term.objects.create(
        organisation=rooms.organisation, name="Autumn", first_day=MONDAY_NINE.date(), last_day=MONDAY_NINE.date()
    )
    assert rooms.now() == ["A", "B"]
    assert len(rooms.loads) == 2, "a write that the entry does not show leaves it"


def test_a_write_during_the_load_leaves_the_entry_dead(
    rooms: Rooms, no_redis: None, make_room: Callable[[str], Room]
) -> None:
    tags = rooms.accessor().lookup(organisation=rooms.organisation.pk.hex).tags

    def load() -> bytes:
        make_room("B")
        return b"before B"

    assert memory.through(lookup("n", tags, load)) == b"before B"
    assert memory.through(lookup("n", tags, lambda: b"after B")) == b"after B"


def test_what_a_purge_made_unknowable_is_loaded_again(
    rooms: Rooms, no_redis: None, make_room: Callable[[str], Room]
) -> None:
    make_room("A")
    rooms.now()
    make_room("B")
    outbox.purge(kept=timedelta(seconds=-1))
    assert rooms.now() == ["A", "B"]


def test_a_resource_keeps_a_hundred_and_the_twenty_oldest_go(rooms: Rooms) -> None:
    held = Memory()
    fill_up(held, 100)
    assert len(names(held)) == 100
    fill_up(held, 1, first=100)
    assert names(held) == [f"n{each}" for each in range(20, 101)]


def test_oldest_is_by_insertion_not_by_use(rooms: Rooms) -> None:
    held = Memory()
    fill_up(held, 100)
    assert held.get("rooms", "n0") == b"1"
    fill_up(held, 1, first=100)
    assert held.get("rooms", "n0") == Missed("cold")


def test_storing_again_makes_an_entry_the_newest_and_pushes_nobody_out(rooms: Rooms) -> None:
    held = Memory()
    fill_up(held, 100)
    fill_up(held, 1)
    assert len(names(held)) == 100
    assert names(held)[-1] == "n0"


def test_resources_do_not_push_each_other_out(rooms: Rooms) -> None:
    held = Memory()
    fill_up(held, 100)
    fill_up(held, 150, resource="students")
    assert len(names(held)) == 100
    assert len(names(held, "students")) == 90


def test_the_number_of_items_can_be_set(rooms: Rooms, settings: Settings) -> None:
    settings.CACHE_MEMORY_ITEMS = 30
    held = Memory()
    fill_up(held, 31)
    assert len(names(held)) == 11


def sized(held: Memory) -> int:
    return sum(len(each.value) for stored in held.items.values() for each in stored.values())


def test_all_together_stay_within_64_megabytes(rooms: Rooms) -> None:
    held, big = Memory(), item(bytes(10 * 1024 * 1024))
    for number in range(20):
        held.put(f"resource {number % 3}", f"n{number % 7}", big)
        assert held.size == sized(held) <= 64 * 1024 * 1024
    assert held.size > 0


def test_a_value_too_large_for_all_of_it_is_not_kept(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MOST_BYTES", 1000)
    held = Memory()
    held.put("rooms", "small", item())
    held.put("rooms", "large", item(bytes(1001)))
    assert held.size == sized(held) <= 1000


def test_the_count_of_bytes_is_right_after_replacing_and_dropping(rooms: Rooms) -> None:
    held = Memory()
    held.put("rooms", "n", item(b"12345"))
    held.put("rooms", "n", item(b"123"))
    assert held.size == sized(held) == 3
    held.drop()
    assert held.size == sized(held) == 0


def test_an_entry_ends_with_its_timeout(rooms: Rooms, no_redis: None) -> None:
    loads: list[int] = []

    def load() -> bytes:
        loads.append(1)
        return b"1"

    with time_machine.travel(MONDAY_NINE, tick=False) as traveller:
        memory.through(lookup("n", TAGS, load))
        traveller.shift(59.9)
        memory.through(lookup("n", TAGS, load))
        assert len(loads) == 1
        traveller.shift(0.1)
        memory.through(lookup("n", TAGS, load))
    assert len(loads) == 2


def test_an_entry_ends_where_its_loader_said(rooms: Rooms, no_redis: None) -> None:
    @cached("clocks", timeout=MINUTE, tags=lambda: TAGS)
    def hour() -> int:
        fills.valid_until(MONDAY_NINE + timedelta(seconds=30))
        return int(clock.now() >= MONDAY_NINE + timedelta(seconds=30))

    with time_machine.travel(MONDAY_NINE, tick=False) as traveller:
        assert hour() == 0
        traveller.shift(30)
        assert hour() == 1


def test_memory_is_never_copied_into_redis_and_goes_when_redis_answers(
    rooms: Rooms, make_room: Callable[[str], Room], trips: list[Any]
) -> None:
    make_room("A")
    redis_breaker.failed(RedisError())
    trips.clear()
    assert rooms.now() == rooms.now() == ["A"]
    assert not trips
    background._one_round()
    assert not redis_breaker.open
    assert not memory.memory.items and memory.memory.size == 0
    assert rooms.now() == ["A"]
    assert len(rooms.loads) == 2, "once into memory, once into Redis"


def test_memory_goes_also_when_a_request_finds_redis_answering(
    rooms: Rooms, make_room: Callable[[str], Room], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_room("A")
    redis_breaker.failed(RedisError())
    rooms.now()
    bypass.end()
    monkeypatch.setattr(redis_breaker, "_try_again_at", 0.0)
    rooms.now()
    assert not redis_breaker.open
    assert not memory.memory.items


def test_a_hit_while_redis_is_away_costs_one_statement_and_marks_nobody(
    rooms: Rooms, make_room: Callable[[str], Room], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_room("A")
    redis_breaker.failed(RedisError())
    rooms.now()
    with django_assert_num_queries(1):
        assert rooms.now() == ["A"]
    assert len(rooms.loads) == 1


def test_a_hit_does_not_read_again_what_it_has_read(
    rooms: Rooms, no_redis: None, make_room: Callable[[str], Room], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry that lives through much traffic asks for what is new since its last hit, not since its load."""
    rooms.now()
    other = Organisation.objects.create(slug="brackley", name="Brackley College")
    Room.objects.bulk_create([Room(organisation=other, name=f"R{number}") for number in range(20)])
    read: list[int] = []
    ask = outbox.changes_since

    def counted(since: str) -> outbox.News:
        news = ask(since)
        read.append(len(news.changes))
        return news

    monkeypatch.setattr(outbox, "changes_since", counted)
    assert rooms.now() == rooms.now() == []
    assert read[0] > 20 and read[1] == 0
    make_room("A")
    assert rooms.now() == ["A"]
