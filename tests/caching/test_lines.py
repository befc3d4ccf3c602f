"""One line to Redis per thread: its own, closed with the thread, opened again when Redis has closed it."""

import gc
import time
from threading import Thread

import pytest
from redis.exceptions import ResponseError

from attendance.caching import lines, stamps
from tests.servers.redis_server import RunningRedis


def lines_of(own_redis: RunningRedis) -> int:
    """Return how many connections the server of the test has."""
    return len(stamps.trip(("CLIENT", "LIST"))[0].strip().splitlines())


def test_a_thread_keeps_its_line_and_takes_it_along(own_redis: RunningRedis) -> None:
    own = lines.connection()
    before = lines_of(own_redis)
    seen: list[object] = []

    def elsewhere() -> None:
        seen.append(lines.connection())
        seen.append(lines.connection() is seen[0])
        seen.append(lines_of(own_redis))

    thread = Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert seen[0] is not own and seen[1:] == [True, before + 1]
    seen.clear()
    gc.collect()
    until = time.monotonic() + 5
    while lines_of(own_redis) != before and time.monotonic() < until:  # The server hears of it a moment later.
        time.sleep(0.01)
    assert (lines.connection(), lines_of(own_redis)) == (own, before)


def test_a_line_that_redis_closed_is_opened_before_it_is_used(own_redis: RunningRedis) -> None:
    stamps.trip(("SET", "kept", "1"))
    number = stamps.trip(("CLIENT", "ID"))[0]
    stamps.client().client_kill_filter(_id=number)
    assert stamps.trip(("GET", "kept")) == [b"1"]
    assert stamps.trip(("CLIENT", "ID"))[0] != number


def test_an_answer_that_came_too_late_is_nobodys(own_redis: RunningRedis) -> None:
    stamps.trip(("SET", "kept", "1"))
    line = lines.connection()
    line.send_packed_command(line.pack_commands([("PING",)]))
    assert line.can_read(timeout=1)
    assert stamps.trip(("GET", "kept")) == [b"1"]


def test_after_a_refusal_the_line_is_a_new_one(own_redis: RunningRedis) -> None:
    with pytest.raises(ResponseError):
        stamps.trip(("HGET", "no", "such", "command"), ("SET", "kept", "1"))
    assert stamps.trip(("PING",)) == [b"PONG"]
