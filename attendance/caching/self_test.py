"""A self-test: a value of its own goes the way that every value goes, and each step is said."""

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import Error, connection
from redis.exceptions import RedisError

from attendance.caching import keys, manual, outbox, rounds, stamps
from attendance.caching.accessors import reason_to_bypass
from attendance.caching.breaker import redis_breaker
from attendance.caching.face import CacheManager
from attendance.caching.manual import Address
from attendance.caching.outbox import Change

_SECONDS = 60
_ROUNDS = 5
"""So many tries until a round of ours is applied, or somebody else's was faster."""


@dataclass(frozen=True)
class Step:
    """What was tried, how long it took, and what went wrong; `failure` is empty when nothing did."""

    title: str
    seconds: float
    failure: str = ""


class _StepFailedError(Exception):
    """A step came out otherwise than it should; the text says how."""


def run() -> Iterator[Step]:
    """Yield each step when it is over, up to the first one that failed; the value is gone afterwards."""
    value, with_redis = secrets.token_hex(16), redis_breaker.configured
    key = f"self_test:{value}"
    tries: list[tuple[str, Callable[[], None]]] = [
        ("The cache may be asked", _may_be_asked),
        *([("Redis answers", _redis_answers), ("A round follows the database up", _run_rounds)] if with_redis else []),
        ("A value is kept", lambda: CacheManager.set_cached(key, value, _SECONDS)),
        ("It is read back", lambda: _expect(key, value)),
        ("It is ended by name", lambda: CacheManager.delete(key)),
        # What is kept afterwards shall not end by the change that this round carries over.
        *([("Another round passes that by", _run_rounds)] if with_redis else []),
        ("It is gone", lambda: _expect(key, None)),
        ("It is kept again", lambda: CacheManager.set_cached(key, value, _SECONDS)),
        ("It is read back again", lambda: _expect(key, value)),
        ("A change is noted that only the database knows of", lambda: _note_unseen(key)),
        *([("A round carries it over", _run_rounds)] if with_redis else []),
        ("It is gone again", lambda: _expect(key, None)),
    ]
    try:
        for title, attempt in tries:
            step = _step(title, attempt)
            yield step
            if step.failure:
                return
    finally:
        _clean_up(manual.address_of(key))


def _clean_up(address: Address) -> None:
    CacheManager.delete(address.key)
    redis_breaker.attempt(
        lambda: stamps.trip(("DEL", keys.entry(address.name)), ("ZREM", address.place.key, address.name))
    )


def _step(title: str, attempt: Callable[[], None]) -> Step:
    started = time.perf_counter()
    try:
        attempt()
    except (_StepFailedError, RedisError, Error) as error:
        return Step(title, time.perf_counter() - started, str(error) or type(error).__name__)
    return Step(title, time.perf_counter() - started)


def _may_be_asked() -> None:
    reason = reason_to_bypass()
    if reason:
        raise _StepFailedError(f"The database is read instead: {reason}.")


def _redis_answers() -> None:
    stamps.trip(("PING",))


def _expect(key: str, value: str | None) -> None:
    found = CacheManager.get_cached(key)
    if found != value:
        raise _StepFailedError(
            "It is still there." if value is None else "It is not there." if found is None else "It is another one."
        )


def _note_unseen(key: str) -> None:
    """Write a change into the outbox as somebody else's program would: nothing of ours watches the statement."""
    change = Change(f"manual.key={key}", "self_test::update")
    marker = "%s" if connection.vendor == "postgresql" else "?"
    connection.ensure_connection()
    statement = f"INSERT INTO caching_outbox (changes) VALUES ({marker})"  # noqa: S608 -- one of two constants
    connection.connection.execute(statement, [outbox.written_change(change)])


def _run_rounds() -> None:
    if not any(rounds.run_now() for _time in range(_ROUNDS)):
        raise _StepFailedError(f"None of {_ROUNDS} rounds was applied.")
