"""Health: whether the cache works, which way, and if not, what somebody has to do about it."""

import time
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count, Min
from redis.exceptions import AuthenticationError, RedisError, ResponseError

from attendance.caching import keys, outbox, reports, schema, stamps
from attendance.caching.breaker import redis_breaker
from attendance.caching.models import OutboxRow
from attendance.caching.rounds import L

Backend = Literal["redis", "memory", "off"]
SPOKEN_OF = 60.0
"""Seconds without a report after which a process is not listed any more."""
MOST_DIFFERENCE_MS = 1_000
"""By how much the clocks of Redis and of this machine may differ before somebody should look after them."""

TROUBLES = {
    "off": "The cache is switched off and every page is read from the database: remove CACHE_ENABLED=false.",
    "triggers": "The database notes changes for another version of this code, so nothing is cached: run"
    " `manage.py migrate`.",
    "silent": "Redis does not answer, and pages come from the database: start Redis, or verify REDIS_URL, its user and"
    " the network between here and there. Nothing has to be cleared afterwards.",
    "unfollowed": "Nobody carries changes over to Redis although processes serve, so nothing is cached: look into"
    " cache.log for errors, see whether Redis takes writes (memory, disk), and restart the service.",
    "lost process": "A serving process fell silent: see whether it was killed, hangs, or cannot reach Redis.",
    "clocks": "The clock of Redis and the one of this machine differ by more than a second: let both follow a time"
    " server.",
}
"""What may be wrong, by code, and what to do about it; the gravest first."""


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
            None when never.
    """

    name: str
    seen_seconds_ago: float
    breaker_open: bool
    rounds_alive: bool
    code_version: str
    redis_forgot_seconds_ago: float | None

    @property
    def is_silent(self) -> bool:
        """Whether it should have reported by now."""
        return self.seen_seconds_ago > reports.SILENT_AFTER


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
        waiting: changes that the stamps in Redis do not know of yet; None when nobody can tell.
        epoch_seconds: how long ago all entries were ended at once; None when nobody can tell.
        clock_difference_ms: by how much Redis's clock is ahead of ours; None when it does not answer.
        triggers_fit: whether the database notes changes as this code wants it.
        processes: those that served and said so within a minute; none while Redis cannot be asked.
        troubles: what is wrong, as keys of `TROUBLES`, the gravest first.
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
    epoch_seconds: float | None
    clock_difference_ms: float | None
    triggers_fit: bool
    processes: tuple[ProcessState, ...]
    troubles: tuple[str, ...]

    @property
    def degraded(self) -> str:
        """What somebody has to do, in a sentence; empty when all is well."""
        return TROUBLES[self.troubles[0]] if self.troubles else ""


@dataclass(frozen=True)
class _Redis:
    """What Redis says of itself, or why it says nothing."""

    failure: str = ""
    round_trip_ms: float | None = None
    fence_age_ms: float | None = None
    position: str | None = None
    epoch_seconds: float | None = None
    clock_difference_ms: float | None = None
    processes: tuple[ProcessState, ...] = ()


def health() -> Health:
    """Ask Redis and the database how the cache stands; half a second at most when Redis hangs."""
    redis = _ask_redis()
    depth = OutboxRow.objects.aggregate(rows=Count("*"), oldest=Min("created_at"))
    news = outbox.changes_since(redis.position) if redis.position else None
    triggers_fit = schema.follows_the_rules()
    return Health(
        backend="off" if not settings.CACHE_ENABLED else "memory" if redis.failure else "redis",
        reason=_reason(redis),
        address=_address(),
        answers=not redis.failure,
        round_trip_ms=redis.round_trip_ms,
        fence_age_ms=redis.fence_age_ms,
        outbox_rows=depth["rows"],
        outbox_oldest_seconds=time.time() - depth["oldest"].timestamp() if depth["oldest"] else None,
        waiting=len(news.changes) if news and not news.lost else None,
        epoch_seconds=redis.epoch_seconds,
        clock_difference_ms=redis.clock_difference_ms,
        triggers_fit=triggers_fit,
        processes=redis.processes,
        troubles=_troubles(redis, triggers_fit=triggers_fit),
    )


def _address() -> str:
    """Return where Redis is meant to be, without user, password and options."""
    parts = urlsplit(settings.REDIS_URL)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl() if settings.REDIS_URL else ""


# --- Redis ------------------------------------------------------------------------------------------------------------


def _ask_redis() -> _Redis:
    if not redis_breaker.configured:
        return _Redis(failure="No Redis is set (REDIS_URL)")
    try:
        return _answered()
    except (AuthenticationError, ResponseError) as error:
        return _Redis(failure=f"Redis refuses what it is asked ({type(error).__name__})")
    except RedisError as error:
        return _Redis(failure=f"Redis does not answer ({type(error).__name__})")


def _answered() -> _Redis:
    stamps.trip(("PING",))  # Opens the line, which takes longer than any question.
    started = time.time()
    commands = [("TIME",), ("PTTL", keys.fence()), ("GET", keys.position()), ("GET", keys.epoch())]
    (seconds, micros), left, position, epoch = stamps.trip(*commands)
    took = time.time() - started
    made, _why = stamps.read_stamp(epoch or b"")
    return _Redis(
        round_trip_ms=took * 1000,
        fence_age_ms=L.total_seconds() * 1000 - left if left >= 0 else None,
        position=position.decode(errors="replace") if position else None,
        epoch_seconds=max(0.0, time.time() - made / 1000) if made else None,
        clock_difference_ms=(int(seconds) + int(micros) / 1_000_000 - started - took / 2) * 1000,
        processes=tuple(sorted(_processes(), key=lambda process: process.name)),
    )


def _processes() -> list[ProcessState]:
    every = [_process(name, state) for name, state in reports.states().items()]
    return [process for process in every if process.seen_seconds_ago <= SPOKEN_OF]


def _process(name: str, state: dict[str, Any]) -> ProcessState:
    seen = max(0.0, time.time() - state["at"])
    round_ago = state["round_seconds_ago"]
    return ProcessState(
        name=name.rpartition(":")[0],
        seen_seconds_ago=seen,
        breaker_open=state["breaker_open"],
        rounds_alive=round_ago is not None and seen + round_ago <= reports.SILENT_AFTER,
        code_version=state["code_version"],
        redis_forgot_seconds_ago=time.time() - state["forgot_at"] if state["forgot_at"] else None,
    )


# --- Words ------------------------------------------------------------------------------------------------------------


def _reason(redis: _Redis) -> str:
    if not settings.CACHE_ENABLED:
        return "CACHE_ENABLED is false."
    if redis.failure:
        return f"{redis.failure}: each process keeps entries of its own, and asks the database at each hit."
    forgot = [each.redis_forgot_seconds_ago for each in redis.processes if each.redis_forgot_seconds_ago is not None]
    if forgot and min(forgot) <= reports.FORGOTTEN_AFTER:
        return (
            f"Redis answers. It was restarted or set back to an older copy, which was noticed {min(forgot):.0f} s ago;"
            " entries were held against the database again."
        )
    return "Redis answers." if redis.processes else "Redis answers; no process has served within a minute."


def _troubles(redis: _Redis, *, triggers_fit: bool) -> tuple[str, ...]:
    serving = [process for process in redis.processes if not process.is_silent]
    found = {
        "off": not settings.CACHE_ENABLED,
        "triggers": not triggers_fit,
        "silent": redis_breaker.configured and redis.failure != "",
        "unfollowed": not redis.failure and redis.fence_age_ms is None and serving != [],
        "lost process": len(serving) < len(redis.processes),
        "clocks": abs(redis.clock_difference_ms or 0) > MOST_DIFFERENCE_MS,
    }
    return tuple(code for code in TROUBLES if found[code])
