"""A cold entry that many want at once is loaded by one; a dead one holds nobody up longer than its lock lasts."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection

from attendance.caching import entries, flights, keys, rounds, stamps
from attendance.models import Room
from tests.caching.conftest import Rooms
from tests.caching.lookups import COLD, lookup

TAGS = ["room"]
MINUTE = timedelta(seconds=60)
THREADS, PROCESSES = 25, 4


def test_a_hundred_threads_of_four_processes_load_a_cold_entry_once(
    rooms: Rooms, process_environment: dict[str, str]
) -> None:
    prefix = settings.CACHES["default"]["KEY_PREFIX"]
    command = [sys.executable, "-m", "tests.caching.flying", prefix, "cold", str(THREADS)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, env=process_environment, **pipes) for _ in range(PROCESSES)]  # type: ignore[call-overload]
    assert [process.stdout.readline() for process in processes] == ["ready\n"] * PROCESSES
    assert rounds.run_now(), "the fence that the test began with is over by now"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=60)[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0] * PROCESSES
    assert [value for value, _loads in answers] == ["loaded"] * PROCESSES
    assert sum(int(loads) for _value, loads in answers) == 1


def test_many_threads_of_one_process_read_through_an_accessor_with_one_load(
    rooms: Rooms, make_room: Callable[[str], Room]
) -> None:
    make_room("A")
    together = threading.Barrier(THREADS)

    def read() -> list[str]:
        together.wait()
        try:
            return rooms.now()
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        found = [pool.submit(read) for _thread in range(THREADS)]
    assert [each.result() for each in found] == [["A"]] * THREADS
    assert len(rooms.loads) == 1


def test_different_entries_do_not_wait_for_each_other(rooms: Rooms) -> None:
    stamps.client().set(keys.lock("other"), "somebody", px=60_000)
    assert flights.load_once(lookup("own", TAGS, lambda: b"own"), COLD) == b"own"


def test_whoever_waits_gets_what_the_holder_stores(rooms: Rooms) -> None:
    stamps.client().set(keys.lock("n"), "the holder", px=60_000)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(flights.load_once, lookup("n", TAGS, lambda: b"loaded twice"), COLD)
        entries.fill("n", TAGS, MINUTE, lambda: b"stored by the holder")
        assert waiting.result(timeout=30) == b"stored by the holder"


def test_a_holder_that_gave_up_is_followed_at_once(rooms: Rooms) -> None:
    stamps.client().set(keys.lock("n"), "the holder", px=60_000)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(flights.load_once, lookup("n", TAGS, lambda: b"loaded by the next one"), COLD)
        stamps.client().delete(keys.lock("n"))
        assert waiting.result(timeout=30) == b"loaded by the next one"
    assert entries.read("n", TAGS).value == b"loaded by the next one"


def test_a_dead_holder_keeps_nobody_longer_than_its_lock(rooms: Rooms) -> None:
    stamps.client().set(keys.lock("n"), "a dead process", px=300)
    assert flights.load_once(lookup("n", TAGS, lambda: b"loaded"), COLD) == b"loaded"
    assert entries.read("n", TAGS).value == b"loaded", "stored by the one that took the lock over"


def test_whoever_waits_in_vain_loads_without_storing(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flights, "LONGEST_WAIT", 0.2)
    stamps.client().set(keys.lock("n"), "a slow process", px=60_000)
    assert flights.load_once(lookup("n", TAGS, lambda: b"loaded"), COLD) == b"loaded"
    assert entries.read("n", TAGS).value is None
    assert stamps.client().get(keys.lock("n")) == b"a slow process", "the lock of another one stays"


def test_the_lock_ends_by_itself(rooms: Rooms) -> None:
    left: list[int] = []

    def load() -> bytes:
        left.append(stamps.client().pttl(keys.lock("n")))  # type: ignore[arg-type]
        return b"1"

    flights.load_once(lookup("n", TAGS, load), COLD)
    assert 0 < left[0] <= flights.LOCK_MS
    assert not stamps.client().exists(keys.lock("n"))


def test_a_load_that_fails_gives_its_lock_back(rooms: Rooms) -> None:
    def load() -> bytes:
        raise LookupError

    with pytest.raises(LookupError):
        flights.load_once(lookup("n", TAGS, load), COLD)
    assert not stamps.client().exists(keys.lock("n"))


def test_a_holder_that_was_overtaken_leaves_the_lock_of_the_next_one(rooms: Rooms) -> None:
    def load() -> bytes:
        stamps.client().set(keys.lock("n"), "the next one", px=60_000)
        return b"1"

    flights.load_once(lookup("n", TAGS, load), COLD)
    assert stamps.client().get(keys.lock("n")) == b"the next one"


def test_a_fence_that_falls_during_a_load_makes_nobody_queue(rooms: Rooms) -> None:
    loads: list[int] = []
    tags = rooms.accessor().lookup(organisation=rooms.organisation.pk.hex).tags

    def load() -> bytes:
        loads.append(1)
        time.sleep(0.1)
        stamps.client().delete(keys.fence())
        return b"1"

    def read() -> bytes:
        try:
            return flights.load_once(lookup("n", tags, load), COLD)
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        flying = [pool.submit(read) for _thread in range(10)]
    assert [flight.result() for flight in flying] == [b"1"] * 10
    assert len(loads) == 1, "each of those who waited sees to the fence before it loads as well"
