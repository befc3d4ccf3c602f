"""What a serving process does beside its requests, with Redis and without."""

import subprocess
import sys
import time

import pytest
from pytest_django import Settings

from attendance.caching import background, memory, rounds
from attendance.caching.breaker import redis_breaker
from tests.caching.conftest import Rooms

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
