"""Run every measurement, print the table and write it to `benchmarks/RESULTS.md`."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256

from benchmarks.rivals import comparison as behind_a_server
from benchmarks.rush import comparison as rush
from benchmarks.servers import Servers, running_servers
from benchmarks.stale import comparison
from benchmarks.table import Row, as_list, as_markdown, wrapped
from benchmarks.teaching_day import comparison as teaching_day
from tests.servers.environment import PROJECT, environment_of_tests

# A line per hit is for developers, so production writes none.
AS_IN_PRODUCTION = {"PYTHONPATH": str(PROJECT), "CACHE_LOG_HITS": "false"}
RESULTS = PROJECT / "benchmarks" / "RESULTS.md"
_HEADING = """\
# Measurements of the cache engine

Written by `make bench`. Each figure is the median of ratios of two things that were timed in turn, in one process;
*spread* is the middle half of these ratios, *sides* the median time per call of each.

"""


_PAGES = """\
## Pages of a full-size university

The one that `manage.py demo --scale university` makes: 127 departments, 1,167 rooms, 2,494 courses, 645 teachers,
12,500 students, some 94,000 lectures and more than a million marks; one course has 400 students.
Measured with the pages' cache switched off. *Figure* is the median time in the server."""

_HITS = """\
## Hits of cached pages

Beside a page of as many bytes behind `login_required` in a new project of `startproject`, with its default sessions
and its connection kept open: CPU time of the process for the whole WSGI call, in turn. Below that, the same pages
without the cache, by the clock."""
_IMPORTS = """\
## Imports

The timetable of a faculty (muni-fsps-spr17: 865 students, 6,715 enrolments, 4,967 lectures) is compared, imported and
taken back by one process, while another one marks a register all the time."""
_LEDGER = """\
## The ledger

What text, salt and commitment add to a check-in: storing an event, less a bare statement that inserts a row without
them, so rather too much. Then sealing the events of a full hall and, as the log grows, proving one and auditing all."""
_DAY = "## A teaching day"
_RUSH = "## The nine o'clock rush"
_SERVED = "## Behind a server, beside other caches"


def main() -> None:
    """Measure, print and write.

    Raises:
        RuntimeError: the engine was edited meanwhile, so that the rows would speak of different programs.
    """
    engine = _fingerprint()
    with running_servers() as servers:
        machine, rows = _measured(servers, ["machine"], "machine"), list(_all_rows(servers))
        both = ("postgresql", "sqlite")
        pages = [row for database in both for row in _measured(servers, ["pages"], database)]
        hits = [row for database in both for row in _measured(servers, ["page_hits"], database)]
        imports = [row for database in both for row in _measured(servers, ["imports"], database)]
        ledger = [row for database in both for row in _measured(servers, ["ledger"], database)]
        compared = behind_a_server.rows(servers)
        day = teaching_day.rows(servers)
        hall = rush.rows(servers, [])
    if _fingerprint() != engine:
        raise RuntimeError("The engine was edited during the run; nothing was written. Run it again.")
    machine.append(Row("Engine", f"sources with the SHA-256 {engine}"))
    served = [wrapped(behind_a_server.EXPLANATION), as_markdown(compared)]
    parts = [as_markdown(rows), wrapped(comparison.EXPLANATION), _HITS, as_markdown(hits), _SERVED, *served]
    parts += [_RUSH, wrapped(rush.EXPLANATION), as_markdown(hall)]
    parts += [_DAY, wrapped(teaching_day.EXPLANATION), as_markdown(day)]
    parts += [_LEDGER, as_markdown(ledger)]
    parts += [_IMPORTS, as_markdown(imports), _PAGES, as_markdown(pages), as_list(machine)]
    text = _HEADING + "\n\n".join(parts) + "\n"
    RESULTS.write_text(text, "utf-8")
    sys.stdout.write("\n" + text)


def _fingerprint() -> str:
    """Return the start of the hash of the engine's sources and of its rules."""
    files = [*sorted((PROJECT / "attendance" / "caching").rglob("*.py")), PROJECT / "attendance" / "cache_rules.py"]
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def _all_rows(servers: Servers) -> Iterator[Row]:
    yield from _measured(servers, ["hits", "counting", "write_costs"], "postgresql")
    yield from _measured(servers, ["write_costs", "rebuilds"], "sqlite")
    for database in ("postgresql", "sqlite"):
        yield from _measured(servers, ["fallback"], database, redis="")
    yield from _measured(servers, ["invalidation"], "postgresql")
    yield from comparison.rows(servers)


def _measured(servers: Servers, names: list[str], database: str, *, redis: str | None = None) -> list[Row]:
    """Run measurements on a new database of the product, each in a process of its own, and return their rows."""
    place = f"{database}_{'_'.join(names)}"
    make = servers.new_sqlite_database if database == "sqlite" else servers.new_postgresql_database
    environment = _environment(make(place), servers.new_redis_database() if redis is None else redis)
    _run(["manage.py", "migrate", "--verbosity", "0"], environment)
    return [row for name in names for row in _rows_of(name, environment)]


def _environment(database_url: str, redis_url: str) -> dict[str, str]:
    surroundings = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return surroundings | environment_of_tests(database_url, redis_url) | AS_IN_PRODUCTION


def _rows_of(name: str, environment: dict[str, str]) -> list[Row]:
    sys.stderr.write(f"Measuring {name} ...\n")
    return [Row(**row) for row in json.loads(_run(["-m", "benchmarks.one", name], environment))]


def _run(arguments: list[str], environment: dict[str, str]) -> str:
    """Run Python in the folder of the project and return what it wrote; its errors go to ours."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=PROJECT, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603 -- our own


if __name__ == "__main__":
    main()
