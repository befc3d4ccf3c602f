"""A process that reads and writes through one cache, and does what it is told line by line on standard input."""

import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import django

django.setup()

from django.core.signals import request_started  # noqa: E402 -- needs the settings
from django.db import connection, transaction  # noqa: E402

from benchmarks.stale.libraries.orm import Answer  # noqa: E402
from benchmarks.stale.writes import WRITES, library  # noqa: E402

_LONGEST_PAUSES = (0.001, 0.003, 0.03)
"""Seconds between two writes of a race: some come while readers still load what the one before made them load."""
_open: list[transaction.Atomic] = []
_statements: Counter[str] = Counter()
_reads_of_the_database = 0


def _count(execute: Callable[..., object], sql: str, params: object, many: bool, context: dict[str, Any]) -> object:
    _statements["books"] += sql.startswith("SELECT") and "toys_book" in sql
    return execute(sql, params, many, context)


def _read(key: tuple[str, int]) -> Answer:
    """Read through the cache, and count the reads for which it asked the database about books."""
    global _reads_of_the_database
    before = _statements["books"]
    answer: Answer = library.read(*key)
    _reads_of_the_database += _statements["books"] > before
    return answer


def _begin() -> None:
    _open.append(transaction.atomic())
    _open[-1].__enter__()


def _commit() -> None:
    _open.pop().__exit__(None, None, None)


def _roll_back() -> None:
    transaction.set_rollback(True)
    _commit()


def _write(*, kind: str, arguments: Mapping[str, Any]) -> None:
    WRITES[kind](**arguments)


def _race_reads(*, seed: int, start_at: float, seconds: float, shelves: list[int]) -> list[tuple[float, int, int]]:
    """Read as fast as it goes; return when each read began, of which shelf, and the version that it showed."""
    choice, found = random.Random(seed), list[tuple[float, int, int]]()  # noqa: S311 -- no secret
    _sleep_until(start_at)
    while (began := time.monotonic()) < start_at + seconds:
        shelf = choice.choice(shelves)
        found.append((began, shelf, max(int(book[2]) for book in _read(("shelf", shelf)))))
    return found


def _race_writes(
    *, seed: int, start_at: float, seconds: float, markers: list[tuple[int, int]]
) -> list[tuple[float, int, int, str]]:
    """Write ever higher versions; return when each was acknowledged, to which shelf, the version, and how."""
    choice, done, version = random.Random(seed), list[tuple[float, int, int, str]](), 1000  # noqa: S311 -- no secret
    _sleep_until(start_at)
    while time.monotonic() < start_at + seconds:
        time.sleep(choice.uniform(0, choice.choice(_LONGEST_PAUSES)))
        (shelf, pk), kind = choice.choice(markers), choice.choice(["save", "update", "bulk_update", "raw SQL"])
        version += 1
        changed = {"pk": pk, "shelf": shelf} if kind == "save" else {"pks": [pk]}
        WRITES[kind](**changed, pages=version)
        done.append((time.monotonic(), shelf, version, kind))
    return done


def _sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))


_COMMANDS: Mapping[str, Callable[..., object]] = {
    "read": lambda *, key: _read(key),
    "reads of the database": lambda: _reads_of_the_database,
    "write": _write,
    "begin": _begin,
    "commit": _commit,
    "roll back": _roll_back,
    "race reads": _race_reads,
    "race writes": _race_writes,
}


def main() -> None:
    """Answer each line, a JSON pair of command and arguments, with a line of JSON."""
    connection.execute_wrappers.append(_count)
    request_started.send(sender=None)  # As in a serving process, whose threads begin with the first request.
    for line in sys.stdin:
        command, arguments = json.loads(line)
        sys.stdout.write(json.dumps(_COMMANDS[command](**arguments)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
