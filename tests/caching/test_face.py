"""Values kept by hand: found again, ended by hand, and never older than what ended them."""

import signal
import threading
from collections.abc import Callable, Iterator
from hashlib import md5
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from attendance.cache_utils import CacheManager
from attendance.caching import bypass, keys, manual, rounds, stamps
from attendance.caching.breaker import redis_breaker
from attendance.models import Organisation
from tests.caching.conftest import Rooms
from tests.servers.redis_server import RunningRedis

NO_REDIS = {
    "redis_available": False,
    "redis_keys": 0,
    "redis_hits": 0,
    "redis_misses": 0,
    "redis_hit_rate": 0.0,
}
ALDERMOOR, BRACKLEY = UUID("6d0f1a5e-62a5-4f2c-9f61-0b6a1f5d9a01"), UUID("0b6a1f5d-9a01-4f2c-9f61-6d0f1a5e62a5")


@pytest.fixture(autouse=True)
def followed(transactional_db: None, calm: None) -> Iterator[None]:
    """Stamps that follow the database, and a thread that has missed nothing yet."""
    manual._missed.marks.clear()
    assert rounds.run_now()
    yield
    manual._missed.marks.clear()


@pytest.fixture
def no_redis(settings: Settings) -> None:
    """An installation without Redis."""
    settings.REDIS_URL = ""


@pytest.fixture(params=["redis", "memory"])
def anywhere(request: pytest.FixtureRequest) -> str:
    """Each of the two places in which values are kept."""
    if request.param == "memory":
        request.getfixturevalue("no_redis")
    return str(request.param)


def elsewhere(act: Callable[[], object]) -> None:
    """Do something as another thread, with its own connection, as another process would."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            act()
        except BaseException as error:
            errors.append(error)
            raise
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert errors == []


# --- Keeping ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [[{"id": 1, "title": "Databases"}], {}, [], "Größe", 0, 1.5, False, [None, "\n"]])
def test_what_is_kept_is_found(anywhere: str, data: object) -> None:
    CacheManager.set_cached("course_list", data)

    assert CacheManager.get_cached("course_list") == data
    assert CacheManager.get_cached("student_list") is None


def test_each_organisation_and_parameter_has_a_value_of_its_own(anywhere: str) -> None:
    CacheManager.set("courses", ALDERMOOR, ["CS 204"])
    CacheManager.set("courses", ALDERMOOR, ["MA 210"], semester=2)
    CacheManager.set("courses", BRACKLEY, ["PH 118"])

    assert CacheManager.get("courses", ALDERMOOR) == ["CS 204"]
    assert CacheManager.get("courses", ALDERMOOR, semester=2) == ["MA 210"]
    assert CacheManager.get("courses", BRACKLEY) == ["PH 118"]
    assert CacheManager.get("courses", BRACKLEY, semester=2) is None
    assert CacheManager.get("rooms", ALDERMOOR) is None


@pytest.mark.parametrize("org", [str(ALDERMOOR), ALDERMOOR.hex, str(ALDERMOOR).upper()])
def test_an_organisation_is_the_same_in_each_spelling_of_its_id(org: str) -> None:
    CacheManager.set("rooms", ALDERMOOR, ["Hall B-12"])

    assert CacheManager.get("rooms", org) == ["Hall B-12"]


@pytest.mark.parametrize("org", ["", None, 0])
def test_nothing_is_kept_for_no_organisation(org: Any) -> None:
    with pytest.raises(ValueError, match=r"^rooms belongs to an organisation; name one"):
        CacheManager.set("rooms", org, [])


@pytest.mark.parametrize(
    "data", [{1, 2}, (1, 2), {"days": (1,)}, {1: "one"}, float("nan"), float("inf"), object(), b"bytes"]
)
def test_what_json_cannot_hold_is_refused(data: object) -> None:
    with pytest.raises(TypeError, match=r"^Only what JSON can hold is kept"):
        CacheManager.set_cached("course_list", data)


@pytest.mark.parametrize("timeout", [0, -1, 86401])
def test_times_out_of_range_are_refused(timeout: int) -> None:
    with pytest.raises(ValueError, match=r"^A value is kept from 1 to 86400 seconds, not "):
        CacheManager.set_cached("course_list", [], timeout)


def seconds_of(key: str) -> float:
    return float(stamps.client().pttl(keys.entry(manual.address_of(key).name))) / 1000


@pytest.mark.parametrize(
    ("resource", "seconds"),
    [
        ("courses", 1800),
        ("faculty", 3600),
        ("rooms", 3600),
        ("students", 1800),
        ("time_slots", 7200),
        ("config", 86400),
        ("departments", 7200),
        ("anything", 300),
    ],
)
def test_the_resource_decides_how_long_a_value_stays(resource: str, seconds: int) -> None:
    CacheManager.set(resource, "org1", [])

    assert seconds * 0.8 < seconds_of(f"{resource}:org1") <= seconds


def test_a_time_of_ones_own_goes_first() -> None:
    CacheManager.set("courses", "org1", [], ttl=60)
    CacheManager.set_cached("course_list", [], timeout=40)

    assert 30 < seconds_of("courses:org1") <= 60
    assert 20 < seconds_of("course_list") <= 40


# --- Keys -------------------------------------------------------------------------------------------------------------


def test_a_key_names_parameters_in_order_and_drops_those_that_are_none() -> None:
    params = {"semester": 1, "department": "Computer Science", "search": None}

    assert manual.spelled("courses", "org1", params) == "courses:org1:department:Computer Science:semester:1"


def test_parameters_never_run_into_each_other() -> None:
    CacheManager.set("courses", "org1", "one", a="1:b:2")
    CacheManager.set("courses", "org1", "two", a="1", b="2")
    CacheManager.set("courses", "org1:a", "three", b="*\n")

    assert CacheManager.get("courses", "org1", a="1:b:2") == "one"
    assert CacheManager.get("courses", "org1", a="1", b="2") == "two"
    assert CacheManager.get("courses", "org1:a", b="*\n") == "three"


def test_both_ways_of_writing_a_key_lead_to_the_same_value() -> None:
    CacheManager.set("courses", "org1", ["CS 204"], semester=1)

    assert CacheManager.get_cached("courses:org1:semester:1") == ["CS 204"]


@pytest.mark.parametrize("key", ["", ":org1", "courses:*", "a\nb"])
def test_a_key_that_cannot_be_one_is_refused(key: str) -> None:
    for act in (CacheManager.get_cached, CacheManager.delete, lambda each: CacheManager.set_cached(each, [])):
        with pytest.raises(ValueError, match=r"^A key is printable text without \*"):
            act(key)


def test_a_long_key_is_hashed_and_still_belongs_to_its_organisation() -> None:
    assert manual.address_of("k" * 200).key == "k" * 200
    assert manual.address_of("k" * 201).key == md5(b"k" * 201).hexdigest()
    CacheManager.set("students", "org1", ["Amira"], search="a" * 300)
    CacheManager.set("students", "org1", ["Bilal"], search="a" * 301)

    assert CacheManager.get("students", "org1", search="a" * 300) == ["Amira"]
    assert CacheManager.get("students", "org1", search="a" * 301) == ["Bilal"]
    CacheManager.invalidate("students", "org1")
    assert CacheManager.get("students", "org1", search="a" * 300) is None


# --- Ending -----------------------------------------------------------------------------------------------------------

KEPT = ["courses:org1", "courses:org1:semester:1", "courses:org1:semester:2", "courses:org10", "rooms:org1", "courses"]


@pytest.mark.parametrize(
    ("act", "left"),
    [
        (lambda: CacheManager.delete("courses:org1"), KEPT[1:]),
        (lambda: CacheManager.invalidate_pattern("courses:org1"), KEPT[1:]),
        (lambda: CacheManager.invalidate("courses", "org1", semester=1), [KEPT[0], *KEPT[2:]]),
        (lambda: CacheManager.invalidate("courses", "org1", semester=None), KEPT[3:]),
        (lambda: CacheManager.invalidate_pattern("courses:org1:*"), KEPT[3:]),
        (lambda: CacheManager.invalidate_pattern("courses:*"), ["rooms:org1"]),
        (lambda: CacheManager.delete_pattern("courses:*"), ["rooms:org1"]),
        (lambda: CacheManager.invalidate_pattern("students:*"), KEPT),
        (CacheManager.clear_all, []),
    ],
    ids=[
        "delete",
        "whole key",
        "parameters",
        "organisation",
        "of an organisation",
        "of all",
        "by its other name",
        "of others",
        "all",
    ],
)
@pytest.mark.parametrize("by", ["this thread", "another one"])
def test_exactly_what_was_named_ends(anywhere: str, by: str, act: Callable[[], None], left: list[str]) -> None:
    for key in KEPT:
        CacheManager.set_cached(key, key)
    act() if by == "this thread" else elsewhere(act)

    assert [key for key in KEPT if CacheManager.get_cached(key) == key] == left


@pytest.mark.parametrize(
    "pattern",
    ["*", ":*", "cour*", "*:org1", "courses:*:semester", "courses:org1:semester:*", "a::*", "courses:?*", "c\n:*"],
)
def test_other_patterns_are_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"^A pattern is resource:\*, resource:organisation:\* or one whole key"):
        CacheManager.invalidate_pattern(pattern)


def test_a_value_of_an_invalidated_resource_can_be_kept_again(anywhere: str) -> None:
    CacheManager.set("rooms", "org1", 1)
    CacheManager.invalidate("rooms", "org1")
    CacheManager.set("rooms", "org1", 2)

    assert CacheManager.get("rooms", "org1") == 2


def test_what_one_keeps_after_ending_it_oneself_is_served(anywhere: str) -> None:
    assert CacheManager.get("rooms", "org1") is None
    CacheManager.invalidate("rooms", "org1")
    CacheManager.set("rooms", "org1", ["250 seats"])

    assert CacheManager.get("rooms", "org1") == ["250 seats"]


def test_what_was_loaded_before_somebody_ended_it_is_not_served(anywhere: str) -> None:
    assert CacheManager.get("rooms", "org1") is None
    loaded = ["240 seats"]
    elsewhere(lambda: CacheManager.invalidate("rooms", "org1"))
    CacheManager.set("rooms", "org1", loaded)

    assert CacheManager.get("rooms", "org1") is None
    CacheManager.set("rooms", "org1", ["250 seats"])
    assert CacheManager.get("rooms", "org1") == ["250 seats"]


def test_a_miss_without_redis_says_nothing_about_redis_and_the_other_way_round(settings: Settings) -> None:
    url = settings.REDIS_URL
    for missed_at, kept_at in (("", url), (url, "")):
        settings.REDIS_URL = missed_at
        assert CacheManager.get("rooms", "org1") is None
        settings.REDIS_URL = kept_at
        CacheManager.set("rooms", "org1", ["240 seats"])
        assert CacheManager.get("rooms", "org1") is None


def test_a_thread_remembers_a_hundred_misses_and_no_more() -> None:
    for number in range(manual.MOST_MISSED + 5):
        CacheManager.get("rooms", number + 1)

    assert len(manual._missed.marks) == manual.MOST_MISSED


def test_ending_any_number_of_values_costs_the_same(trips: list[Any]) -> None:
    for number in (1, 200):
        for page in range(number):
            CacheManager.set("rooms", "org1", page, page=page)
        trips.clear()
        with CaptureQueriesContext(connection) as queries:
            CacheManager.invalidate("rooms", "org1")
        assert sum(query["sql"].startswith("INSERT") for query in queries) == 1
        assert len(queries) <= 2, "besides that row at most what the connection itself dirtied is asked for"
        assert len(trips) == 1
        assert CacheManager.get("rooms", "org1", page=0) is None


def test_finding_a_value_costs_one_trip_and_no_query(trips: list[Any]) -> None:
    CacheManager.set("rooms", "org1", 1)
    trips.clear()
    with CaptureQueriesContext(connection) as queries:
        assert CacheManager.get("rooms", "org1") == 1

    assert (len(queries), len(trips)) == (0, 1)


# --- Models -----------------------------------------------------------------------------------------------------------


def test_what_shows_a_model_ends_and_nothing_else(rooms: Rooms) -> None:
    CacheManager.set("rooms", rooms.organisation.pk, ["kept by hand"])
    rooms.now()
    CacheManager.invalidate_related_cache("course", 5, "update")
    rooms.now()
    assert len(rooms.loads) == 1

    CacheManager.invalidate_related_cache("room", 7, "delete")
    rooms.now()
    assert len(rooms.loads) == 2
    assert bytes(stamps.client().get(keys.stamps(["room"])[0]) or b"").endswith(b"|room:7:delete on request")
    assert CacheManager.get("rooms", rooms.organisation.pk) == ["kept by hand"]


def test_what_shows_a_model_ends_in_memory_too(no_redis: None, rooms_in_memory: Rooms) -> None:
    rooms_in_memory.now()
    elsewhere(lambda: CacheManager.invalidate_related_cache("room", 7, "delete"))
    rooms_in_memory.now()
    rooms_in_memory.now()

    assert len(rooms_in_memory.loads) == 2


@pytest.fixture
def rooms_in_memory(transactional_db: None) -> Rooms:
    return Rooms(Organisation.objects.create(slug="aldermoor", name="University of Aldermoor"))


def test_an_unknown_model_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"^'teacher' is no model of the cache; write one of account, anchor, "):
        CacheManager.invalidate_related_cache("teacher", 5, "update")


def test_clearing_ends_the_entries_of_accessors_once(rooms: Rooms) -> None:
    rooms.now()
    CacheManager.clear_all()
    rooms.now()
    assert rounds.run_now()
    rooms.now()

    assert len(rooms.loads) == 2, "the round knows of the new identity, so nothing ends a second time"


# --- The rules of every entry -----------------------------------------------------------------------------------------


def test_inside_a_transaction_nothing_is_found_or_kept(anywhere: str) -> None:
    CacheManager.set_cached("before", 1)
    with transaction.atomic():
        CacheManager.set_cached("inside", 1)
        assert CacheManager.get_cached("before") is None

    assert CacheManager.get_cached("before") == 1
    assert CacheManager.get_cached("inside") is None


@pytest.mark.parametrize("act", [lambda: CacheManager.delete("courses"), CacheManager.clear_all])
def test_what_a_transaction_ends_ends_when_it_does(anywhere: str, act: Callable[[], None]) -> None:
    CacheManager.set_cached("courses", 1)
    with transaction.atomic():
        act()
        transaction.set_rollback(True)
    assert CacheManager.get_cached("courses") == 1
    with transaction.atomic():
        act()
    assert CacheManager.get_cached("courses") is None


def test_without_a_fence_a_round_is_run_first() -> None:
    CacheManager.set_cached("courses", 1)
    stamps.client().delete(keys.fence())

    assert CacheManager.get_cached("courses") == 1
    assert stamps.client().exists(keys.fence())


def test_switched_off_nothing_is_kept(settings: Settings) -> None:
    settings.CACHE_ENABLED = False
    CacheManager.set_cached("courses", 1)
    assert CacheManager.get_cached("courses") is None

    settings.CACHE_ENABLED = True
    assert CacheManager.get_cached("courses") is None


def test_a_planted_value_runs_nothing_and_is_not_found() -> None:
    CacheManager.set_cached("courses", 1)
    stamps.client().set(keys.entry(manual.address_of("courses").name), b"\x80\x04cos\nsystem\n(S'true'\ntR.")

    assert CacheManager.get_cached("courses") is None


# --- Without Redis ----------------------------------------------------------------------------------------------------


def test_a_hundred_plain_keys_are_remembered(no_redis: None) -> None:
    for number in range(101):
        CacheManager.set_cached(f"key {number}", number)

    assert CacheManager.get_stats() == {"memory_cache_size": 81, **NO_REDIS}
    assert CacheManager.get_cached("key 19") is None
    assert CacheManager.get_cached("key 20") == 20
    CacheManager.clear_all()
    assert CacheManager.get_stats()["memory_cache_size"] == 0


def test_while_redis_is_frozen_memory_takes_over_and_forgets_afterwards(own_redis: RunningRedis) -> None:
    assert CacheManager.get_stats()["redis_available"] is True
    own_redis.process.send_signal(signal.SIGSTOP)
    assert CacheManager.get_cached("courses") is None
    CacheManager.set_cached("courses", 1)
    assert CacheManager.get_cached("courses") == 1
    assert CacheManager.get_stats() == {"memory_cache_size": 1, **NO_REDIS}

    own_redis.process.send_signal(signal.SIGCONT)
    redis_breaker._try_again_at = 0
    assert CacheManager.get_cached("courses") is None
    stats = CacheManager.get_stats()
    assert (stats["memory_cache_size"], stats["redis_available"], stats["redis_keys"]) == (0, True, 0)


@pytest.mark.parametrize("act", [lambda: CacheManager.delete("courses"), CacheManager.clear_all])
def test_what_ended_while_redis_was_frozen_has_ended_when_it_is_back(
    own_redis: RunningRedis, act: Callable[[], None]
) -> None:
    CacheManager.delete("another")  # Nothing that was written before is left to be confirmed.
    assert rounds.run_now()
    CacheManager.set_cached("courses", 1)
    own_redis.process.send_signal(signal.SIGSTOP)
    act()
    own_redis.process.send_signal(signal.SIGCONT)
    redis_breaker.open = False
    assert CacheManager.get_cached("courses") is None, "who ended it does not see it, even before a round"

    bypass.end()
    assert rounds.run_now()
    assert CacheManager.get_cached("courses") is None, "nobody else sees it after the next round"
