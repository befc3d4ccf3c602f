"""Health: what is said of the cache in each state, and what to do about it."""

import json
import signal
import time
from typing import Any

import pytest
from pytest_django import Settings

from attendance.caching import background, figures, keys, reports, rounds, schema, self_test, stamps
from attendance.caching.breaker import redis_breaker
from attendance.models import Room
from tests.caching.conftest import Rooms, by_hand
from tests.servers.redis_server import RunningRedis


@pytest.fixture
def serving(rooms: Rooms) -> Rooms:
    """A process that serves: it follows the database up and has said so."""
    background._one_round()
    reports.report.tell()
    return rooms


def test_a_serving_process_and_a_redis_that_answers_need_nothing(serving: Rooms) -> None:
    health = figures.health()
    assert (health.backend, health.reason, health.degraded) == ("redis", "Redis answers.", "")
    assert health.answers and health.triggers_fit
    assert health.round_trip_ms is not None and 0 < health.round_trip_ms < 1000
    assert health.fence_age_ms is not None and 0 <= health.fence_age_ms <= 2000
    assert health.clock_difference_ms is not None and abs(health.clock_difference_ms) < 1000
    assert health.epoch_seconds is not None
    [process] = health.processes
    assert process.rounds_alive and not process.breaker_open and not process.is_silent
    assert process.name == reports.report.name.rpartition(":")[0]


def test_changes_that_nobody_carried_over_are_counted(serving: Rooms) -> None:
    Room.objects.create(organisation=serving.organisation, name="A")
    rounds.run_now()
    before = figures.health()
    with by_hand() as plain:
        plain.execute("UPDATE attendance_room SET name = 'B'")
    health = figures.health()
    assert before.waiting == 0 and health.waiting is not None and health.waiting > 0
    assert health.outbox_rows == before.outbox_rows + 1
    assert health.outbox_oldest_seconds is not None and health.outbox_oldest_seconds < 60


def test_an_address_is_said_without_its_password(serving: Rooms, settings: Settings) -> None:
    settings.REDIS_URL = "rediss://user:secret@redis.example:6380/1?ssl_ca_certs=/secret"
    assert figures.health().address == "rediss://redis.example:6380/1"


def test_without_a_redis_nothing_is_amiss(rooms: Rooms, settings: Settings) -> None:
    settings.REDIS_URL = ""
    health = figures.health()
    assert (health.backend, health.answers, health.address, health.degraded) == ("memory", False, "", "")
    assert health.reason.startswith("No Redis is set (REDIS_URL): each process keeps entries of its own")


def test_a_cache_that_is_switched_off_says_so(serving: Rooms, settings: Settings) -> None:
    settings.CACHE_ENABLED = False
    health = figures.health()
    assert (health.backend, health.troubles) == ("off", ("off",))


@pytest.mark.parametrize("fault", [signal.SIGSTOP, signal.SIGKILL])
def test_a_redis_that_is_frozen_or_dead_is_said_within_a_second(
    own_redis: RunningRedis, rooms: Rooms, fault: signal.Signals
) -> None:
    own_redis.process.send_signal(fault)
    if fault == signal.SIGKILL:
        own_redis.process.wait()
    started = time.monotonic()
    health = figures.health()
    assert time.monotonic() - started < 1
    assert (health.backend, health.answers, health.troubles) == ("memory", False, ("silent",))
    assert "start Redis, or verify REDIS_URL" in health.degraded
    assert health.processes == () and health.fence_age_ms is None


def test_triggers_of_another_version_are_to_be_migrated(serving: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "follows_the_rules", lambda: False)
    health = figures.health()
    assert health.troubles == ("triggers",) and "migrate" in health.degraded


def test_processes_that_serve_without_rounds_are_noticed(serving: Rooms) -> None:
    stamps.client().delete(keys.fence())
    assert figures.health().troubles == ("unfollowed",)


def another_process(seen_seconds_ago: float) -> None:
    """Let another process have said of itself that long ago that all was well."""
    state: dict[str, Any] = {**reports.report.state(), "at": time.time() - seen_seconds_ago}
    stamps.client().hset(keys.processes(), "elsewhere:7:0", f"1 {json.dumps(state)}")


@pytest.mark.parametrize(
    ("seconds", "troubles", "listed"), [(2, (), 2), (20, ("lost process",), 2), (90, (), 1), (700, (), 1)]
)
def test_a_process_that_fell_silent_is_a_trouble_for_a_minute(
    serving: Rooms, seconds: float, troubles: tuple[str, ...], listed: int
) -> None:
    another_process(seconds)
    health = figures.health()
    assert (health.troubles, len(health.processes)) == (troubles, listed)
    assert stamps.client().hexists(keys.processes(), "elsewhere:7:0") == (seconds < 600)


def test_the_self_test_goes_the_whole_way_and_leaves_nothing(rooms: Rooms) -> None:
    steps = list(self_test.run())
    assert len(steps) == 13 and not [step for step in steps if step.failure]
    assert list(stamps.client().scan_iter(match=f"{keys.entry('self_test')}:*")) == [], "its entries are gone"


def test_without_redis_the_self_test_tries_memory(rooms: Rooms, settings: Settings) -> None:
    settings.REDIS_URL = ""
    steps = list(self_test.run())
    assert len(steps) == 9 and not [step for step in steps if step.failure]


def test_the_self_test_stops_where_redis_does_not_answer(own_redis: RunningRedis, rooms: Rooms) -> None:
    own_redis.process.kill()
    own_redis.process.wait()
    steps = list(self_test.run())
    assert [step.title for step in steps] == ["The cache may be asked", "Redis answers"]
    assert steps[-1].failure
    redis_breaker.open = False


def test_the_self_test_notices_a_cache_that_follows_nothing(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(self_test, "_note_unseen", lambda key: None)
    assert [step.failure for step in self_test.run()][-1] == "It is still there."
