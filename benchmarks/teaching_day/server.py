"""The product as the replay serves it: by the clock of the day, and saying in each answer what it cost.

Nothing of the product is left out or done otherwise. Around it, statements are counted where they are executed, and
hits and misses where the product counts them.
"""

import json
import os
import threading
import types
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils import timezone

from attendance.caching import background, entries, journal, looks, near
from attendance.caching.entries import Stored
from benchmarks.teaching_day.passing import CLOCK, COST, Passing

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def follow_the_day() -> None:
    """Let the product read the clock of the day in this process and in those it forks."""
    passing = Passing(Path(os.environ[CLOCK]))
    timezone.now = passing.now
    as_module: Any = types.SimpleNamespace(time=passing.time)
    for module in (entries, near, looks):
        vars(module)["time"] = as_module
    opened = entries.opened

    def opened_in_its_time(name: str, content: bytes | None) -> Stored | None:
        """Leave out what is over by its age: Redis, whose clock is another one, still has it."""
        found = opened(name, content)
        return found if found is not None and passing.time() * 1000 < found.ends_at else None

    entries.opened = opened_in_its_time


class _Counting(threading.local):
    """What a thread counts for the request it answers."""

    def __init__(self) -> None:
        self.numbers: Counter[str] = Counter()


_counting = _Counting()
_apart: Counter[str] = Counter()
"""What was counted outside requests, by early refreshes; the next answer takes it along."""


def _count(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
    _counting.numbers["queries"] += 1
    return execute(sql, *rest)


def count_reads() -> None:
    """Count what the cache found and missed, wherever the product notes it, and the statements of refreshes."""
    for kind in ("hit", "miss"):
        setattr(journal, kind, _noted(kind, getattr(journal, kind)))
    submit = background.submit
    background.submit = lambda work: submit(lambda: _refreshed(work))


def _noted(kind: str, note: Callable[[str], None]) -> Callable[[str], None]:
    def counted(resource: str) -> None:
        _counting.numbers[f"{kind}:{resource}"] += 1
        note(resource)

    return counted


def _refreshed(work: Callable[[], None]) -> None:
    with connection.execute_wrapper(_count):
        work()
    _apart["refreshes"] += 1
    _apart["refresh queries"] += _counting.numbers.pop("queries", 0)


def counted(application: Application) -> Application:
    """Return the application with what each answer cost in a header of it."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        _counting.numbers = Counter()

        def started(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            taken = dict(_apart)
            _apart.clear()
            return start_response(status, [*headers, (COST, json.dumps({**_counting.numbers, **taken}))], *rest)

        with connection.execute_wrapper(_count):
            return application(environ, started)

    return answer
