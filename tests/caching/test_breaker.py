"""A Redis that does not answer costs a process one time-out, and nothing it shows is wrong meanwhile."""

import logging
import signal
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from redis.exceptions import RedisError

from attendance.caching import background, breaker, bypass, entries, flights, memory, rounds
from attendance.caching.breaker import Breaker, redis_breaker
from attendance.models import Room
from tests.caching.conftest import Rooms
from tests.caching.lookups import COLD, lookup
from tests.servers.redis_server import RunningRedis

MINUTE = timedelta(seconds=60)


@pytest.fixture
def shown(transactional_db: None, own_redis: RunningRedis, rooms: Rooms, trips: list[Any]) -> Rooms:
    """Room A, shown through a Redis of the test's own; nothing counted yet."""
    Room.objects.create(organisation=rooms.organisation, name="A")
    assert rooms.now() == ["A"]
    trips.clear()
    return rooms


def freeze(server: RunningRedis) -> None:
    server.process.send_signal(signal.SIGSTOP)


def thaw(server: RunningRedis) -> None:
    server.process.send_signal(signal.SIGCONT)


def test_a_frozen_redis_costs_one_attempt_and_then_none(
    own_redis: RunningRedis, shown: Rooms, trips: list[Any]
) -> None:
    freeze(own_redis)
    assert shown.now() == ["A"]
    assert redis_breaker.open
    assert len(trips) == 1
    for _again in range(20):
        assert shown.now() == ["A"]
    assert len(trips) == 1
    assert len(shown.loads) == 3, "one into Redis, one on the time-out, one into memory"


def test_writes_go_through_and_are_seen_while_redis_is_frozen(own_redis: RunningRedis, shown: Rooms) -> None:
    freeze(own_redis)
    Room.objects.update(name="B")
    assert bypass.is_on(), "the writer reads the database"
    assert shown.now() == ["B"]
    bypass.end()
    assert shown.now() == ["B"], "so do others of this process, by way of memory"
    Room.objects.update(name="C")
    bypass.end()
    assert shown.now() == ["C"]


def test_a_killed_redis_is_no_different(own_redis: RunningRedis, shown: Rooms) -> None:
    own_redis.process.kill()
    own_redis.process.wait()
    assert shown.now() == ["A"]
    assert redis_breaker.open
    Room.objects.update(name="B")
    bypass.end()
    assert shown.now() == ["B"]


def test_a_round_closes_the_breaker_and_what_was_missed_is_made_up_for(own_redis: RunningRedis, shown: Rooms) -> None:
    freeze(own_redis)
    Room.objects.update(name="B")
    bypass.end()
    assert shown.now() == ["B"]
    thaw(own_redis)
    background._one_round()
    assert not redis_breaker.open
    assert rounds.run_now()
    assert shown.now() == shown.truth() == ["B"]


def test_a_round_leaves_the_breaker_open_while_redis_stays_frozen(own_redis: RunningRedis, shown: Rooms) -> None:
    freeze(own_redis)
    shown.now()
    background._one_round()
    assert redis_breaker.open


def test_a_freeze_during_the_load_neither_loads_twice_nor_waits_twice(
    own_redis: RunningRedis, shown: Rooms, trips: list[Any]
) -> None:
    loads: list[int] = []

    def load() -> bytes:
        loads.append(len(trips))
        freeze(own_redis)
        return b"1"

    assert flights.load_once(lookup("n", ["room"], load), COLD) == b"1"
    assert len(loads) == 1
    assert len(trips) - loads[0] == 1, "the store timed out; the lock ends by itself"


def test_a_value_that_could_not_be_stored_is_returned_all_the_same(own_redis: RunningRedis, shown: Rooms) -> None:
    def load() -> bytes:
        freeze(own_redis)
        return b"1"

    assert entries.fill("n", ["room"], MINUTE, load) == b"1"
    assert redis_breaker.open


def test_a_refresh_that_meets_a_frozen_redis_stores_nothing(own_redis: RunningRedis, shown: Rooms) -> None:
    freeze(own_redis)
    with pytest.raises(RedisError):
        background._with_own_connection(lambda: flights.refresh(lookup("n", ["room"], lambda: b"1")))
    assert not memory.memory.items


# --- The breaker by itself --------------------------------------------------------------------------------------------


def refuse() -> None:
    raise RedisError


@pytest.fixture
def closed(own_redis: RunningRedis) -> Breaker:
    return Breaker()


def test_an_open_breaker_makes_no_call(closed: Breaker) -> None:
    calls: list[int] = []
    assert closed.attempt(lambda: calls.append(1))
    assert not closed.attempt(refuse)
    assert not closed.attempt(lambda: calls.append(2))
    assert calls == [1]


def test_after_a_pause_one_caller_tries_and_the_others_still_do_not(
    closed: Breaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed.failed(RedisError())
    assert not closed.allows()
    monkeypatch.setattr(closed, "_try_again_at", 0.0)
    assert [closed.allows() for _caller in range(5)] == [True, False, False, False, False]
    closed.succeeded()
    assert closed.allows() and closed.allows()


def test_each_failure_begins_the_pause_anew(closed: Breaker, monkeypatch: pytest.MonkeyPatch) -> None:
    closed.failed(RedisError())
    monkeypatch.setattr(closed, "_try_again_at", 0.0)
    closed.failed(RedisError())
    assert not closed.allows()
    assert rounds.L.total_seconds() < breaker.PAUSE, "rounds fail more often, so requests never try"


def test_other_errors_are_not_taken_for_a_missing_redis(closed: Breaker) -> None:
    def broken() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        closed.attempt(broken)
    assert not closed.open


def test_without_a_redis_there_is_nothing_to_try(closed: Breaker, settings: Any) -> None:
    settings.REDIS_URL = ""
    calls: list[Callable[[], object]] = []
    assert not closed.attempt(lambda: calls.append(refuse))
    assert not calls


def test_it_says_once_that_redis_went_and_once_that_it_is_back(
    closed: Breaker, caplog: pytest.LogCaptureFixture
) -> None:
    log = logging.getLogger("lumina_learn.cache")
    log.addHandler(caplog.handler)
    for act in [lambda: closed.failed(RedisError())] * 3 + [closed.succeeded] * 3:
        act()
    log.removeHandler(caplog.handler)
    assert [line.split(" (")[0] for line in caplog.messages] == ["Redis connection failed", "Redis answers again"]
