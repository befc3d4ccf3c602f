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
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils import timezone

from attendance.caching import (
    background,
    counters,
    entries,
    figures,
    index,
    looks,
    near,
    principals,
    samples,
    stamps,
)
from attendance.caching.causes import Missed
from attendance.caching.entries import Stored
from benchmarks.teaching_day.passing import CLOCK, COST, FIGURES, Passing

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def follow_the_day() -> None:
    """Let the product read the clock of the day in this process and in those it forks."""
    passing = Passing(Path(os.environ[CLOCK]))
    timezone.now = passing.now
    as_module: Any = types.SimpleNamespace(time=passing.time, time_ns=passing.time_ns)
    for module in (entries, index, looks, near, samples, stamps):
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
    """Count what the cache found and missed, wherever the product counts it, and the statements of refreshes."""
    hit, missed, submit = counters.hit, counters.missed, background.submit

    def counted_hit(resource: str, organisation: str) -> None:
        _counting.numbers[f"hit:{resource}"] += 1
        hit(resource, organisation)

    def counted_miss(resource: str, organisation: str, why: Missed) -> None:
        _counting.numbers[f"miss:{resource}"] += 1
        missed(resource, organisation, why)

    counters.hit, counters.missed = counted_hit, counted_miss
    background.submit = lambda work: submit(lambda: _refreshed(work))
    source = principals.source
    source.foresee, source.load = _for_the_reader(source.foresee), _for_the_reader(source.load)


def _for_the_reader(ask: Callable[[str], Any]) -> Callable[[str], Any]:
    """Count the statements that make a reader known apart as well: they are no part of what a page shows."""

    def counted_apart(session_key: str) -> Any:
        before = _counting.numbers["queries"]
        found = ask(session_key)
        _counting.numbers["reader queries"] += _counting.numbers["queries"] - before
        return found

    return counted_apart


def _refreshed(work: Callable[[], None]) -> None:
    with connection.execute_wrapper(_count):
        work()
    numbers, _counting.numbers = _counting.numbers, Counter()
    _apart["refreshes"] += 1
    _apart["refresh queries"] += numbers.pop("queries", 0)
    _apart.update({read: number for read, number in numbers.items() if ":" in read})


def counted(application: Application) -> Application:
    """Return the application with what each answer cost in a header of it."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        _counting.numbers = Counter()

        def started(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            taken = dict(_apart)
            _apart.clear()
            cost = _counting.numbers + Counter(taken)
            return start_response(status, [*headers, (COST, json.dumps(cost))], *rest)

        if environ["PATH_INFO"] == FIGURES:
            return _figures(start_response)
        with connection.execute_wrapper(_count):
            return application(environ, started)

    return answer


def _figures(start_response: Callable[..., Any]) -> list[bytes]:
    """Answer with what the product itself counted, by resource."""
    found = {each.resource: asdict(each) for each in figures.resource_figures(organisation=None)}
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(found).encode()]
