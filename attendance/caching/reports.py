"""Reports: once a second a serving process tells Redis what it counted and how it stands, in one trip.

What is told is numbered. A report whose answer got lost is sent again as it was and counts once, and a Redis that
remembers an older number than the last one it confirmed was restarted or set back: its figures of the time between are
gone, and the process says so.
"""

import atexit
import contextlib
import json
import logging
import os
import secrets
import socket
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from redis.exceptions import RedisError

from attendance.caching import counters, keys, stamps
from attendance.caching.breaker import redis_breaker
from attendance.caching.counters import Counted, Minutes, Numbers, tally

log = logging.getLogger("lumina_learn.cache")

EVERY = 1.0
"""Seconds between two reports of a process."""
SILENT_AFTER = 5.0
"""Seconds without a report after which a process is said to be silent."""
FORGOTTEN_AFTER = 600.0
"""Seconds without a report after which nobody speaks of a process any more."""
_COUNTS_LIFE_MS = counters.KEPT_MINUTES * 60_000
_TOTALS_LIFE_MS = 30 * 24 * 3_600_000
_SEPARATOR = "\t"

# Returns the number of the report before this one, 0 when there is none; one that is known already counts no more.
# Per figure: a key, a field, a number and the milliseconds for which the key is kept.
_TELL = """
local known = redis.call('HGET', KEYS[1], ARGV[1]) or ''
local before = tonumber(string.match(known, '^%d+')) or 0
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. ARGV[3])
redis.call('PEXPIRE', KEYS[1], 86400000)
if before < tonumber(ARGV[2]) then
    for place = 2, #KEYS do
        local at = 3 * place - 2
        redis.call('HINCRBY', KEYS[place], ARGV[at], ARGV[at + 1])
        redis.call('PEXPIRE', KEYS[place], ARGV[at + 2])
    end
end
return before
"""


@dataclass
class Report:
    """What one process tells, and how far it has come with it.

    Attributes:
        name: host, process id and a random word: another process may get the same id later.
        number: of the report that is under way or was confirmed last.
        under_way: the figures of a report that was not confirmed yet; None when there is none.
        told_at: when one was confirmed last, by the clock that never goes back.
        round_at: when this process last saw the fence young or ran a round, by that clock.
        forgot_at: when it noticed that Redis had forgotten reports, in seconds since 1970; 0 for never.
    """

    name: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}")
    number: int = 0
    under_way: Minutes | None = None
    told_at: float = 0.0
    round_at: float = 0.0
    forgot_at: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def state(self) -> dict[str, Any]:
        """Return how this process stands, as plain data."""
        return {
            "at": time.time(),
            "breaker_open": redis_breaker.open,
            "round_seconds_ago": time.monotonic() - self.round_at if self.round_at else None,
            "code_version": settings.CODE_VERSION,
            "forgot_at": self.forgot_at,
        }

    def tell(self) -> None:
        """Tell Redis what is new, in one round trip; what could not be told before is told first, in another one.

        Raises:
            RedisError: Redis does not answer; the same is told the next time.
        """
        with self.lock:
            if self.under_way is not None:
                self._deliver(self.under_way)
            self.under_way, self.number = tally.take(), self.number + 1
            self._deliver(self.under_way)

    def _deliver(self, figures: Minutes) -> None:
        before = self._send(figures)
        if before < self.number - 1:
            self._note_loss()
            self._send({})  # The same number again, so that nothing counts twice: how this process stands is new.
        self.under_way, self.told_at = None, time.monotonic()

    def _send(self, figures: Minutes) -> int:
        names, arguments = [keys.processes()], [self.name, self.number, json.dumps(self.state())]
        for key, (numbers, life) in _by_key(figures).items():
            for name, number in numbers.items():
                names.append(key)
                arguments += [name, number, life]
        return int(stamps.run_script(_TELL, names, *arguments))

    def _note_loss(self) -> None:
        self.forgot_at = time.time()
        log.warning(
            "Redis has lost what it was told: it was restarted or set back to an older copy. Entries are held against"
            " the database again; the figures in between are gone"
        )


def _by_key(figures: Minutes) -> dict[str, tuple[Counter[str], int]]:
    """Return what is to be added where: per minute to all and to the organisation, and to the total of all time."""
    found: dict[str, tuple[Counter[str], int]] = {}

    def add(key: str, life: int, counted: Counted, number: int) -> None:
        numbers, _life = found.setdefault(key, (Counter(), life))
        numbers[_SEPARATOR.join((counted.resource, counted.kind, counted.why))] += number

    for minute, numbers in figures.items():
        for counted, number in numbers.items():
            add(keys.counts(minute, None), _COUNTS_LIFE_MS, counted, number)
            add(keys.totals(), _TOTALS_LIFE_MS, counted, number)
            if counted.organisation:
                add(keys.counts(minute, counted.organisation), _COUNTS_LIFE_MS, counted, number)
    return found


report = Report()


def begin_anew() -> None:
    """Forget what was told: a process that was forked is another one than its parent."""
    global report
    report = Report()


os.register_at_fork(after_in_child=begin_anew)


def tell_when_due() -> None:
    """Tell Redis, unless that was done less than a second ago.

    Raises:
        RedisError: Redis does not answer.
    """
    if time.monotonic() - report.told_at >= EVERY:
        report.tell()


@atexit.register
def tell_at_the_end() -> None:
    """Tell Redis what is left when the process ends, and that it ends; a Redis that is away is not waited for."""
    if not redis_breaker.configured or not (report.told_at or tally.minutes()):
        return
    with contextlib.suppress(RedisError):  # What was counted in the last second is lost then, and nothing else.
        report.tell()
        stamps.trip(("HDEL", keys.processes(), report.name))


# --- Reading ----------------------------------------------------------------------------------------------------------


def recent(*, organisation: str | None, minutes: int) -> Minutes:
    """Return what all processes counted in each of the last minutes, the present one included; two round trips at most.

    What this process counted is in it, what others did comes a second later. While Redis cannot be asked, it is this
    process alone.
    """
    first = counters.this_minute() - minutes + 1
    return redis_breaker.asked(
        lambda: _from_redis(organisation, range(first, first + minutes)), lambda: _from_here(organisation, first)
    )


def _from_here(organisation: str | None, first: int) -> Minutes:
    own = tally.minutes()
    return {minute: counters.of_organisation(own[minute], organisation) for minute in own if minute >= first}


def _from_redis(organisation: str | None, minutes: range) -> Minutes:
    report.tell()
    answers = stamps.trip(*(("HGETALL", keys.counts(minute, organisation)) for minute in minutes))
    return {minute: _read(answer, organisation or "") for minute, answer in zip(minutes, answers, strict=True)}


def totals() -> Numbers:
    """Return what all processes counted since Redis keeps count; while it cannot be asked, what this one did lately."""
    return redis_breaker.asked(_totals_from_redis, _totals_from_here)


def _totals_from_redis() -> Numbers:
    report.tell()
    return _read(stamps.trip(("HGETALL", keys.totals()))[0], "")


def _totals_from_here() -> Numbers:
    found: Counter[Counted] = Counter()
    for numbers in tally.minutes().values():
        found.update(numbers)
    return found


def _read(answer: Mapping[bytes, bytes], organisation: str) -> Numbers:
    """Return the fields of a hash with figures as numbers."""
    found: Numbers = {}
    for name, number in answer.items():
        resource, *rest = name.decode(errors="replace").split(_SEPARATOR)
        if len(rest) == 2 and number.isdigit():  # Anything else was planted there.
            found[Counted(resource, organisation, *rest)] = int(number)
    return found


def states() -> dict[str, dict[str, Any]]:
    """Return what each serving process last said of itself; those long silent are forgotten here and in Redis.

    Raises:
        RedisError: Redis does not answer.
    """
    [answer] = stamps.try_each(("HGETALL", keys.processes()))
    told = answer if isinstance(answer, dict) else {}  # A key of another kind is none of ours.
    found = {name.decode(errors="replace"): _state(text) for name, text in told.items()}
    gone = [name for name, state in found.items() if state is None or time.time() - state["at"] > FORGOTTEN_AFTER]
    if gone:
        stamps.trip(("HDEL", keys.processes(), *gone))
    return {name: state for name, state in found.items() if state is not None and name not in gone}


def _state(text: bytes) -> dict[str, Any] | None:
    """Return what a process said, None of what no process of ours said."""
    try:
        state = json.loads(text.partition(b" ")[2])
    except ValueError:
        return None
    return state if isinstance(state, dict) and state.keys() == report.state().keys() else None
