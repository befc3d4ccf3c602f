"""What an entry is, when it counts, and what happens to values that this code did not write."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from attendance import cache_tags
from attendance.caching import background, entries, flights, keys, rounds, signing, stamps
from attendance.caching.accessors import CachedAccessor, cached
from attendance.models import Room
from tests.caching.conftest import Rooms, by_hand
from tests.caching.lookups import lookup

TAGS = ["room", "room.organisation=1"]
MINUTE = timedelta(seconds=60)


@pytest.fixture
def entry(rooms: Rooms, make_room: Callable[[str], Room]) -> str:
    """The key in Redis of the entry that shows one room, A."""
    make_room("A")
    assert rooms.now() == ["A"]
    return keys.entry(rooms.accessor().lookup(organisation=rooms.organisation.pk.hex).name)


def stored(value: Any, calls: list[int], rooms: Rooms) -> CachedAccessor[..., Any]:
    @cached("anything", timeout=MINUTE, tags=lambda: [cache_tags.rooms_of(rooms.organisation.pk)])
    def anything() -> Any:
        calls.append(1)
        return value

    return anything


@pytest.mark.parametrize("value", [None, [], {}, "", 0, False])
def test_nothing_found_is_a_result_too(rooms: Rooms, value: Any) -> None:
    calls: list[int] = []
    anything = stored(value, calls, rooms)
    assert anything() == anything() == value
    assert len(calls) == 1


def test_arguments_tell_entries_apart(rooms: Rooms) -> None:
    @cached("echo", timeout=MINUTE, tags=lambda **_arguments: ["room"])
    def echo(**arguments: Any) -> dict[str, Any]:
        return arguments

    different: list[dict[str, Any]] = [
        {"a": 1},
        {"a": "1"},
        {"a": True},
        {"a": 1, "b": 2},
        {"a": '1:b=2"'},
        {"b": 1},
        {"a": ["b", 1]},
    ]
    assert [echo(**arguments) for arguments in different * 2] == different * 2
    assert len({echo.lookup(**arguments).name for arguments in different}) == len(different)
    assert echo.lookup(a=1, b=2).name == echo.lookup(b=2, a=1).name


def test_arguments_without_names_are_refused(rooms: Rooms) -> None:
    @cached("shout", timeout=MINUTE, tags=lambda *_words, **_named: ["room"])
    def shout(word: str) -> str:
        return word.upper()

    with pytest.raises(TypeError):
        shout("a")


def test_the_serialised_form_is_what_is_stored(rooms: Rooms, entry: str) -> None:
    assert rooms.accessor().serialised(organisation=rooms.organisation.pk.hex) == b'["A"]'


# --- Values that this code did not write ------------------------------------------------------------------------------

_HEAD = signing.LENGTH + 64
FOREIGN: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda stored: b"",
    "garbage": lambda stored: b"\x80\x04\x95garbage",
    "a pickle that would run code": lambda stored: b"cos\nsystem\n(S'true'\ntR.",
    "the signature alone": lambda stored: stored[: signing.LENGTH],
    "the vector alone": lambda stored: stored[:_HEAD],
    "a head cut short": lambda stored: stored[: _HEAD + 6],
    "a head of words": lambda stored: stored[:_HEAD] + b" soon never\n[]",
    "a signature cut short": lambda stored: stored[1:],
    "another signature": lambda stored: b"0" * signing.LENGTH + stored[signing.LENGTH :],
    "another vector": lambda stored: stored[: signing.LENGTH] + b"0" * 64 + stored[_HEAD:],
    "no vector": lambda stored: stored[: signing.LENGTH] + stored[_HEAD:],
    "another value under the right vector": lambda stored: stored[:-5] + b'["Z"]',
    "what is signed under another name": lambda stored: (
        signing.signature("another", stored[signing.LENGTH :]) + stored[signing.LENGTH :]
    ),
    "a value cut short": lambda stored: stored[:-2],
    "a value that is no JSON": lambda stored: stored[:-5] + b"\xff\xfe",
    "as many bytes that are no JSON": lambda stored: stored[:-5] + b"\xff\xfe\xfd\xfc\xfb",
    "a value without an end": lambda stored: stored + b"]",
}


@pytest.mark.parametrize("foreign", FOREIGN)
def test_a_foreign_value_is_a_miss(rooms: Rooms, entry: str, foreign: str) -> None:
    found: bytes = stamps.client().get(entry)  # type: ignore[assignment]
    stamps.client().set(entry, FOREIGN[foreign](found))
    assert rooms.now() == ["A"]
    assert len(rooms.loads) == 2


def test_a_value_signed_with_a_replaced_key_is_a_miss(rooms: Rooms, entry: str, settings: Settings) -> None:
    settings.SECRET_KEY = "another key of more than fifty characters, as a leak asks for"
    assert rooms.now() == ["A"]
    assert len(rooms.loads) == 2


def test_a_value_of_an_older_code_version_is_a_miss(rooms: Rooms, entry: str, settings: Settings) -> None:
    settings.CODE_VERSION = "newer"
    assert rooms.now() == ["A"]
    assert len(rooms.loads) == 2


@pytest.mark.parametrize("place", ["entry", "fence", "epoch", "stamp", "position"])
def test_a_key_of_another_kind_harms_nobody(rooms: Rooms, entry: str, place: str) -> None:
    name = {
        "entry": entry,
        "fence": keys.fence(),
        "epoch": keys.epoch(),
        "stamp": keys.stamps(["room"])[0],
        "position": keys.position(),
    }[place]
    stamps.client().delete(name)
    stamps.client().rpush(name, "planted")
    assert rooms.now() == rooms.now() == ["A"]
    assert rounds.run_now()
    Room.objects.update(name="B")
    assert rooms.now() == ["B"]


def test_a_position_that_is_no_text_counts_as_lost(rooms: Rooms, entry: str) -> None:
    stamps.client().set(keys.position(), b"\xff\xfe")
    assert rounds.run_now()
    assert rooms.now() == ["A"]
    assert len(rooms.loads) == 2


@pytest.mark.parametrize("lost", ["fence", "epoch", "stamp", "entry", "position"])
def test_a_key_that_was_evicted_costs_a_load_and_no_more(rooms: Rooms, entry: str, lost: str) -> None:
    evicted = {"fence": keys.fence(), "epoch": keys.epoch(), "entry": entry, "position": keys.position()}
    stamps.client().delete(evicted.get(lost, keys.stamps(["room"])[0]))
    Room.objects.update(name="B")
    assert rooms.now() == rooms.now() == ["B"]
    assert len(rooms.loads) == 2


def test_without_a_fence_an_entry_is_not_believed(rooms: Rooms, entry: str) -> None:
    with by_hand() as plain:
        plain.execute("UPDATE attendance_room SET name = 'B'")
    assert rooms.now() == ["A"], "no round yet, and the fence still stands"
    stamps.client().delete(keys.fence())
    assert rooms.now() == ["B"]


# --- Life -------------------------------------------------------------------------------------------------------------


def test_lives_differ_by_up_to_a_tenth_and_never_exceed_the_timeout(rooms: Rooms) -> None:
    lives = []
    for number in range(50):
        entries.fill(f"n{number}", TAGS, MINUTE, lambda: b"1")
        lives.append(stamps.client().pttl(keys.entry(f"n{number}")))
    assert min(lives) > 53_000 and max(lives) <= 60_000
    assert len(set(lives)) > 25
    assert max(lives) - min(lives) > 2_000


def test_stamps_outlive_every_entry_and_a_fill_renews_them(rooms: Rooms) -> None:
    entries.fill("n", TAGS, timedelta(days=1), lambda: b"1")
    for key in (*keys.stamps(TAGS), keys.epoch()):
        stamps.client().pexpire(key, 1000)
    entries.fill("n", TAGS, timedelta(days=1), lambda: b"1")
    life: int = stamps.client().pttl(keys.entry("n"))  # type: ignore[assignment]
    assert all(stamps.client().pttl(key) > life for key in (*keys.stamps(TAGS), keys.epoch()))


def test_an_entry_is_due_in_the_last_tenth_of_its_life_and_still_served(rooms: Rooms) -> None:
    entries.fill("n", TAGS, MINUTE, lambda: b"1")
    assert seen("n") == (True, b"1", False)
    age("n")
    assert seen("n") == (True, b"1", True)


def seen(name: str) -> tuple[bool, bytes | None, bool]:
    reading = entries.read(name, TAGS)
    return reading.fenced, reading.value, reading.is_due


def age(name: str) -> None:
    """Let the time from which the entry is due lie in the past."""
    stored = stamps.client().get(keys.entry(name))[signing.LENGTH :]  # type: ignore[index]
    vector, until_and_value = stored.split(b" ", 1)
    plant(name, vector + b" 1 " + until_and_value.split(b" ", 1)[1])


def plant(name: str, content: bytes) -> None:
    """Store what only this installation could have written."""
    stamps.client().set(keys.entry(name), signing.signature(name, content) + content)


def test_a_due_entry_is_made_anew_in_the_background(rooms: Rooms, entry: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name = entry.removeprefix(keys.entry(""))
    age(name)
    with ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(background, "_pool", pool)
        monkeypatch.setattr(background, "_started_in", background.os.getpid())
        assert rooms.now() == ["A"]
    assert len(rooms.loads) == 2
    assert not entries.read(name, rooms.accessor().lookup(organisation=rooms.organisation.pk.hex).tags).is_due


def test_a_refresh_leaves_an_entry_alone_that_somebody_just_made(rooms: Rooms) -> None:
    entries.fill("n", TAGS, MINUTE, lambda: b"1")
    flights.refresh(lookup("n", TAGS, lambda: b"2"))
    assert entries.read("n", TAGS).value == b"1"


def test_a_write_during_the_load_leaves_the_entry_dead(rooms: Rooms, make_room: Callable[[str], Room]) -> None:
    def load() -> bytes:
        found = rooms.truth()
        make_room("B")
        return json.dumps(found).encode()

    tags = rooms.accessor().lookup(organisation=rooms.organisation.pk.hex).tags
    assert entries.fill("n", tags, MINUTE, load) == b"[]"
    assert entries.read("n", tags) == entries.Reading(fenced=True)


def test_a_missing_stamp_is_never_the_same_twice(rooms: Rooms) -> None:
    first = stamps.take(TAGS)
    stamps.client().delete(*keys.stamps(TAGS))
    second = stamps.take(TAGS)
    assert first != second == stamps.take(TAGS)


def test_an_entry_made_under_a_lost_stamp_never_returns(rooms: Rooms) -> None:
    entries.fill("n", TAGS, MINUTE, lambda: b"1")
    stamps.client().delete(*keys.stamps(TAGS))
    stamps.take(TAGS)
    assert entries.read("n", TAGS).value is None
