"""What a serving process does beside its requests, with Redis and without."""

import logging
import subprocess
import sys
import time
from concurrent.futures import Future

import pytest
from django.db import OperationalError
from pytest_django import Settings

from attendance.caching import background, flights, keys, memory, rounds, stamps
from attendance.caching.breaker import redis_breaker
from tests.caching.conftest import Rooms
from tests.caching.lookups import COLD, lookup

SERVING = """
import django, threading, time
django.setup()
from django.core.signals import request_started
request_started.send(sender=None)
time.sleep(1.6)
print([thread.name for thread in threading.enumerate() if thread.name == "cache-rounds"])
"""


def test_a_round_renews_the_fence_and_closes_the_breaker(rooms: Rooms) -> None:
    redis_breaker.open = True
    assert rooms.now() == []
    time.sleep(0.6)  # Until the fence is old enough for another round.
    background._one_round()
    assert not redis_breaker.open
    assert not memory.memory.items
    assert rounds.is_fresh()


def test_a_round_prolongs_the_locks_of_loads_under_way(rooms: Rooms) -> None:
    """A load that takes longer than a lock lasts has no company, as long as its process lives."""
    name, left = "rooms:slow", list[int]()

    def load_slowly() -> bytes:
        time.sleep(0.4)
        background._one_round()
        left.extend(stamps.trip(("PTTL", keys.lock(name))))
        return b"1"

    assert flights.load_once(lookup(name, ["room"], load_slowly), COLD) == b"1"
    assert left[0] > flights.LOCK_MS - 200
    assert stamps.trip(("EXISTS", keys.lock(name))) == [0]


def test_a_round_leaves_the_locks_of_others_alone(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = keys.lock("rooms:lost")
    stamps.trip(("SET", lock, "of another process", "PX", 200))
    monkeypatch.setattr(flights, "_held", {lock: "of this one, which came back late"})
    flights.prolong_held()
    assert stamps.trip(("PTTL", lock))[0] <= 200


@pytest.mark.parametrize(
    ("error", "level"), [(OperationalError("the disk is full"), "WARNING"), (KeyError("a mistake of ours"), "ERROR")]
)
def test_what_goes_wrong_in_the_background_is_said(
    caplog: pytest.LogCaptureFixture, error: Exception, level: str
) -> None:
    done: Future[None] = Future()
    done.set_exception(error)
    logging.getLogger("lumina_learn.cache").addHandler(caplog.handler)
    background._report(done)
    logging.getLogger("lumina_learn.cache").removeHandler(caplog.handler)
    assert [record.levelname for record in caplog.records] == [level]


def test_without_redis_there_is_nothing_to_do(rooms: Rooms, settings: Settings) -> None:
    settings.REDIS_URL = ""
    background._one_round()
    assert not redis_breaker.open


@pytest.mark.parametrize("redis", ["with Redis", "without Redis"])
def test_a_serving_process_keeps_its_thread_and_complains_of_nothing(
    process_environment: dict[str, str], redis: str
) -> None:
    environment = {**process_environment, "CACHE_BACKGROUND": "true"}
    if redis == "without Redis":
        environment["REDIS_URL"] = ""
    answer = subprocess.run(
        [sys.executable, "-c", SERVING], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (answer.stdout, answer.stderr) == ("['cache-rounds']\n", "")
