"""Stamps: random values that say which generation of a tag is the present one.

The invariant kept here: a stamp is never the same twice. A missing one is made of new random bits and never of a
constant, so an entry that was stored under a lost stamp can never come back to life.
"""

import re
import secrets
import time
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any, cast

from django_redis import get_redis_connection
from redis import Redis
from redis.exceptions import ResponseError

from attendance.caching import keys, lines
from attendance.caching.outbox import Change

LIFE = timedelta(hours=25)
"""How long an unused stamp stays: longer by an hour than any entry, the longest of which lives a day."""
_LIFE_MS = int(LIFE.total_seconds() * 1000)

# Returns the epoch and the stamps, making those that are missing; each lives on longer than what is stored under it.
_TAKE = """
local found = redis.call('MGET', unpack(KEYS))
for place, key in ipairs(KEYS) do
    if not found[place] then
        found[place] = ARGV[place + 1]
        redis.call('SET', key, ARGV[place + 1], 'PX', ARGV[1])
    else
        redis.call('PEXPIRE', key, ARGV[1])
    end
end
return found
"""


def client() -> "Redis":
    """Return the Redis client that django-redis keeps a pool for; it answers within its time-outs or raises."""
    return cast("Redis", get_redis_connection("default"))


def trip(*commands: tuple[Any, ...]) -> list[Any]:
    """Send commands to Redis in one message and return their answers; one round trip, whatever their number.

    They go straight over a connection of this thread: client and pool around it take as long as Redis itself.

    Raises:
        RedisError: Redis does not answer, or refuses one of them.
    """
    return ask(packed(*commands), len(commands))


def packed(*commands: tuple[Any, ...]) -> list[bytes]:
    """Return commands as they go over the line, for who sends the same ones again and again.

    Raises:
        RedisError: Redis cannot be reached.
    """
    parts: list[bytes] = lines.connection().pack_commands(commands)
    return parts


def ask(message: list[bytes], number: int) -> list[Any]:
    """Send that many packed commands and return their answers; one round trip.

    Raises:
        RedisError: Redis does not answer, or refuses one of them.
    """
    answers = _exchanged(message, number)
    for answer in answers:
        if isinstance(answer, ResponseError):
            raise answer
    return answers


def try_each(*commands: tuple[Any, ...]) -> list[Any]:
    """Send commands in one message and return their answers, for one that Redis refuses the error; one round trip.

    Raises:
        RedisError: Redis does not answer.
    """
    return _exchanged(packed(*commands), len(commands))


def _exchanged(message: list[bytes], number: int) -> list[Any]:
    connection = lines.connection()
    try:
        connection.send_packed_command(message)
        return [_answer(connection) for _ in range(number)]
    except BaseException:
        connection.disconnect()  # An answer may still be on its way, and would be taken for that of the next command.
        raise


def _answer(connection: Any) -> Any:
    try:
        return connection.read_response()
    except ResponseError as error:
        return error


def run_script(script: str, names: Sequence[str], *arguments: Any) -> Any:
    """Run a Lua script on keys of ours and return its answer; one round trip.

    Raises:
        RedisError: Redis does not answer, or refuses the script.
    """
    return trip(("EVAL", script, len(names), *names, *arguments))[0]


MISSING = "missing"
"""What made a stamp necessary that was not there."""


def new_stamp(cause: str) -> bytes:
    """Return 128 random bits in hexadecimal, the time in milliseconds since 1970, and what made it necessary."""
    return f"{secrets.token_hex(16)}|{time.time_ns() // 1_000_000}|{cause}".encode()


def read_stamp(stamp: bytes) -> tuple[int, str]:
    """Return when a stamp was made, in milliseconds since 1970, and why; (0, "") of what is no stamp of ours."""
    found = _STAMP.fullmatch(stamp.decode(errors="replace"))
    return (int(found[1]), found[2]) if found else (0, "")


_STAMP = re.compile(r"[0-9a-f]{32}\|([0-9]{1,15})\|(.*)", re.DOTALL)


def take(tags: Sequence[str]) -> bytes:
    """Return the vector of these tags as it is now, missing stamps made; one round trip."""
    names = [keys.epoch(), *keys.stamps(tags)]
    made = [new_stamp(MISSING) for _ in names]
    return vector_of(run_script(_TAKE, names, _LIFE_MS, *made))


def vector_of(found: Sequence[bytes | None]) -> bytes:
    """Return the vector of an epoch and stamps: 64 hexadecimal digits; empty when any of them is missing."""
    if None in found:
        return b""
    return sha256(b"\0".join(value for value in found if value is not None)).hexdigest().encode()


def replace(changes: Sequence[Change]) -> None:
    """Give the changed tags new stamps, so that no entry stored before is valid any more; one round trip.

    Only stamps that exist are replaced: an entry under a missing one is invalid already.
    """
    names = keys.stamps(change.tag for change in changes)
    made = [new_stamp(change.cause) for change in changes]
    trip(*(("SET", key, stamp, "PX", _LIFE_MS, "XX") for key, stamp in zip(names, made, strict=True)))


def new_epoch() -> None:
    """End all entries at once; one round trip, however many there are."""
    trip(("SET", keys.epoch(), new_stamp("new epoch")))
