"""What a serving process does beside its requests: rounds every quarter of L, locks prolonged, and early refreshes.

Threads start at the first request of a process and never at import, in a shell or in `migrate`; a process that was
forked starts its own.
"""

import logging
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.core.signals import request_started
from django.db import Error, close_old_connections, connection
from redis.exceptions import RedisError

from attendance.caching import flights, memory, outbox, reports, rounds
from attendance.caching.breaker import redis_breaker

log = logging.getLogger("lumina_learn.cache")

PURGE_EVERY = 60.0
"""Seconds between two purges of the outbox by one process."""
_started_in = 0
_pool: ThreadPoolExecutor | None = None
_lock = threading.Lock()


def connect() -> None:
    """Start the threads with the first request of each process."""
    request_started.connect(_start, dispatch_uid="caching.start")


def _start(**_: Any) -> None:
    global _started_in, _pool
    if _started_in == os.getpid() or not settings.CACHE_BACKGROUND:
        return
    with _lock:
        if _started_in == os.getpid():
            return
        _started_in, _pool = os.getpid(), ThreadPoolExecutor(1, "cache-refresh")
        threading.Thread(target=_run_rounds, name="cache-rounds", daemon=True).start()


def submit(work: Callable[[], None]) -> None:
    """Do something after the present request, without making anybody wait; without threads it is not done."""
    if _pool is not None and _started_in == os.getpid():
        _pool.submit(_with_own_connection, work).add_done_callback(_report)


def _with_own_connection(work: Callable[[], None]) -> None:
    try:
        work()
    finally:
        connection.close()


def _report(done: "Future[None]") -> None:
    """Say what went wrong; what the refresh would have replaced is served on until its time is over."""
    error = done.exception()
    if isinstance(error, (RedisError, Error)):
        log.warning("A refresh in the background failed: %s", type(error).__name__)
    elif error is not None:
        log.error("A refresh in the background failed", exc_info=error)


def _run_rounds() -> None:
    purged_at = time.monotonic()
    while True:
        time.sleep(rounds.L.total_seconds() / 4)
        try:
            _one_round()
            _tell()
            if time.monotonic() - purged_at > PURGE_EVERY:
                outbox.purge_now()
                purged_at = time.monotonic()
        except Error as error:
            log.warning("A round could not ask the database: %s", type(error).__name__)
            close_old_connections()


def _one_round() -> None:
    """Run a round unless somebody else just did, and prolong locks; who tries a failed Redis is this, not requests."""
    if not redis_breaker.configured:
        return  # Entries live in memory and ask the database; there is nothing to carry over.
    try:
        if not rounds.is_fresh():
            rounds.run_now()
        reports.report.round_at = time.monotonic()
        flights.prolong_held()
    except RedisError as error:
        redis_breaker.failed(error)
        return
    memory.redis_answered()


def _tell() -> None:
    """Tell Redis what this process counted and how it stands, unless it did so just now or Redis is away."""
    if redis_breaker.configured and not redis_breaker.open:
        redis_breaker.asked(reports.tell_when_due, lambda: None)
