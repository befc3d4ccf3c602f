"""Health: whether the cache works, which way, and if not, what somebody has to do about it."""

import time
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from django.conf import settings
from redis.exceptions import RedisError

from attendance.caching import keys, schema, stamps
from attendance.caching.breaker import redis_breaker
from attendance.caching.models import OutboxRow
from attendance.caching.rounds import L

Backend = Literal["redis", "memory", "off"]


@dataclass(frozen=True)
class ProcessState:
    """What one serving process last said of itself.

    Attributes:
        name: host and process id.
        seen_seconds_ago: when that was.
        breaker_open: whether it holds its requests back from Redis.
        rounds_alive: whether its thread that carries changes over has run within L.
        code_version: of the code it runs; processes of two versions share no entries.
        redis_forgot_seconds_ago: when it noticed that Redis had lost what it was told, by a restart or an old copy;
            None when never, or more than ten minutes ago.
    """

    name: str
    seen_seconds_ago: float
    breaker_open: bool
    rounds_alive: bool
    code_version: str
    redis_forgot_seconds_ago: float | None


@dataclass(frozen=True)
class Health:
    """How the cache stands.

    Attributes:
        backend: where entries lie now.
        reason: why there, in one sentence.
        address: where Redis is meant to be, without a password; empty when none is.
        answers: whether Redis answers.
        round_trip_ms: how long that took; None when it does not.
        fence_age_ms: how long ago, by Redis's clock, the round began that entries may be trusted by; None without one.
        outbox_rows: changes that the database keeps for who comes late; ten minutes' worth.
        outbox_oldest_seconds: the age of the oldest of them; None when there is none.
        waiting: changes that the stamps in Redis do not know of yet; None when Redis cannot be asked.
        clock_difference_ms: by how much Redis's clock is ahead of ours; None when it does not answer.
        triggers_fit: whether the database notes changes as this code wants it.
        processes: those that serve and said so within a minute; none while Redis cannot be asked.
        degraded: what somebody has to do, in a sentence; empty when all is well.
    """

    backend: Backend
    reason: str
    address: str
    answers: bool
    round_trip_ms: float | None
    fence_age_ms: float | None
    outbox_rows: int
    outbox_oldest_seconds: float | None
    waiting: int | None
    clock_difference_ms: float | None
    triggers_fit: bool
    processes: tuple[ProcessState, ...]
    degraded: str


def health() -> Health:
    """Ask Redis and the database how the cache stands; half a second at most when Redis hangs."""
    started = time.time()
    seconds, micros, left, answers = 0, 0, -2, redis_breaker.configured
    try:
        if answers:
            (seconds, micros), left = stamps.trip(("TIME",), ("PTTL", keys.fence()))
    except RedisError:
        answers = False
    took = time.time() - started
    oldest = OutboxRow.objects.order_by("created_at").values_list("created_at", flat=True).first()
    return Health(
        backend="off" if not settings.CACHE_ENABLED else "redis" if answers else "memory",
        reason="",
        address=_address(),
        answers=answers,
        round_trip_ms=took * 1000 if answers else None,
        fence_age_ms=L.total_seconds() * 1000 - int(left) if int(left) >= 0 else None,
        outbox_rows=OutboxRow.objects.count(),
        outbox_oldest_seconds=time.time() - oldest.timestamp() if oldest else None,
        waiting=None,
        clock_difference_ms=(int(seconds) + int(micros) / 1e6 - started - took / 2) * 1000 if answers else None,
        triggers_fit=schema.follows_the_rules(),
        processes=(),
        degraded="",
    )


def _address() -> str:
    """Return where Redis is meant to be, without user and password."""
    parts = urlsplit(settings.REDIS_URL)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl() if settings.REDIS_URL else ""
