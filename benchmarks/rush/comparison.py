"""Let the hall in, several ways, and put what came of it into rows."""

import asyncio
import json
import os
import sys
from collections import Counter
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

from benchmarks.rush import cost
from benchmarks.rush.crowd import OpenLecture, Tally, check_in, rush
from benchmarks.rush.facts import Facts, facts_of
from benchmarks.rush.morning import first_morning
from benchmarks.served import copied_database, cpu_seconds, environment, run, server
from benchmarks.servers import Servers
from benchmarks.table import Row

HALL, WARM = 1500, 40
EXPLANATION = f"""\
One course of {HALL:,} students whose check-in is open, behind gunicorn as the Procfile starts it (two processes of
four threads), with PostgreSQL, Redis and the program that sends on the same two cores. Each student has a phone of
their own: a connection, cookies, GET of the code that the projector shows at that moment, and 0.1 s later POST of the
form. All are in one lecture, which is the hardest case: its projector and its teacher's pages are looked at every three
seconds meanwhile, and one student in ten goes on to the first page. Attempts, events and marks are counted by SQL
afterwards. Pictures, scripts and style sheets, which phones keep, are not fetched, and no phone signs with a key of its
own.

*Processor time* is that of the web processes, for scan and form together, beside a new project of `startproject` behind
the same server, in which somebody who is logged in sends a form that inserts one row: {cost.PAIRS} pairs of
{cost.EACH} each, in turn.

*First morning*: nobody is logged in. Everybody scans within a minute, is led to the login, types for two seconds, logs
in and sends; behind the same address somebody tries wrong passwords all the time, five a second. A claim is *live* or
*kept* by how long it was kept before its student was known."""


@dataclass(frozen=True)
class Site:
    """A server with a hall in it."""

    port: int
    pid: int
    database: str
    variables: dict[str, str]
    hall: dict[str, Any]

    @property
    def lecture(self) -> OpenLecture:
        """The lecture in which it happens."""
        return OpenLecture(**self.hall["lectures"][0])

    @property
    def students(self) -> list[Any]:
        """Those who come; the last ones are there to warm the processes up."""
        students: list[Any] = self.hall["students"][:HALL]
        return students


def rows(servers: Servers, names: list[str]) -> list[Row]:
    """Measure each way of that name, all of them when none is named."""
    sys.stderr.write("Opening the hall ...\n")
    template = servers.new_postgresql_database("rush")
    variables = environment(template, servers.new_redis_database(), "attendance_system.settings", "true")
    run(["manage.py", "migrate", "--verbosity", "0"], variables)
    hall = json.loads(run(["-m", "benchmarks.rush.hall", str(HALL + WARM), "2"], variables))
    found: list[Row] = []
    for name, measure in _WAYS.items():
        if not names or name in names:
            found += _in_a_copy(servers, template, name, hall, measure)
    return found


def _in_a_copy(servers: Servers, template: str, name: str, hall: dict[str, Any], measure: Any) -> list[Row]:
    sys.stderr.write(f"Measuring the rush: {name} ...\n")
    database = copied_database(template, f"rush_{name}")
    variables = environment(database, servers.new_redis_database(), "attendance_system.settings", "true")
    with server(variables, options=()) as (port, pid):
        site = Site(port, pid, database, variables, hall)
        asyncio.run(_warm_up(site))
        found: list[Row] = measure(servers, site)
        return found


async def _warm_up(site: Site) -> None:
    """Let some check in to another lecture, so that processes have loaded what they need."""
    other, tally = OpenLecture(**site.hall["lectures"][1]), Tally()
    for student in site.hall["students"][-WARM:]:
        (await check_in(site.port, student["cookies"], other, tally)).close()


# --- Rushes -------------------------------------------------------------------------------------------------------


def _minute(_servers: Servers, site: Site) -> list[Row]:
    return _rushed(site, HALL, 60.0)


def _burst(_servers: Servers, site: Site) -> list[Row]:
    return _rushed(site, 500, 5.0)


def _rushed(site: Site, number: int, seconds: float) -> list[Row]:
    what, before = f"{number:,} in {seconds:.0f} s", cpu_seconds(site.pid)
    tally = asyncio.run(rush(site.port, site.hall, site.students[:number], site.lecture, seconds))
    spent = (cpu_seconds(site.pid) - before) / number
    times = [_times(f"{what}, {kind}", tally.seconds[kind]) for kind in ("scan", "send", "projector", "look")]
    return [
        *times,
        _kept(what, facts_of(site.database, site.lecture.lecture), tally, number),
        _fence(what, site),
        Row(
            f"{what}: processor time of the web processes", f"{spent * 1000:.1f} ms", "for each student, looks included"
        ),
    ]


def _times(what: str, seconds: list[float]) -> Row:
    cuts = quantiles(seconds, n=100, method="inclusive")
    figure = f"p50 {cuts[49] * 1000:.0f} ms"
    if len(seconds) >= 100:
        figure += f", p99 {cuts[98] * 1000:.0f} ms"
    return Row(what, figure, f"{len(seconds):,} times", "", f"slowest {max(seconds) * 1000:.0f} ms; load {_load()}")


def _kept(what: str, facts: Facts, tally: Tally, number: int) -> Row:
    figure = f"{facts.lost(number)} lost, {facts.doubled} doubled"
    rows = (
        f"{facts.attempts[0]:,} attempts, {facts.events[0]:,} events, {facts.marks[0]:,} marks; the projector shows all"
    )
    others = {answer: count for answer, count in tally.answers.items() if not answer.endswith(" 200")}
    return Row(
        f"{what}: what is kept", figure, f"in {tally.taken:.1f} s", "0 lost, 0 doubled", f"{rows} {others or ''}"
    )


def _fence(what: str, site: Site) -> Row:
    """Return how many reads of pages found nobody who follows the database up, by what the product counts itself."""
    told = json.loads(run(["manage.py", "cache_monitor", "--stats", "--json"], site.variables))
    bypassed = sum((Counter(each["bypassed"]) for each in told), Counter())
    missed = sum((Counter(each["misses"]) for each in told), Counter())
    hits = sum(each["hits"] for each in told)
    reads = hits + bypassed.total() + missed.total()
    unfenced = bypassed["the cache is not followed up"]
    why = ", ".join(f"{count} {cause}" for cause, count in (bypassed + missed).most_common())
    share = f"{unfenced / reads:.1%} of {reads}" if reads else "no reads"
    return Row(f"{what}: page reads without a fence", share, f"{hits} hits", "under 1 %", why)


# --- Processor time -----------------------------------------------------------------------------------------------


def _cost(servers: Servers, site: Site) -> list[Row]:
    stock = cost.stock_variables(servers, site.variables)
    found = cost.compared((site.port, site.pid), site.students, site.lecture, stock)
    return [found.row("Processor time of a check-in ÷ a stock form that inserts a row", "at most 2")]


# --- The first morning --------------------------------------------------------------------------------------------


def _morning(_servers: Servers, site: Site) -> list[Row]:
    what, before = f"First morning, {HALL:,} logins", cpu_seconds(site.pid)
    tally, guesses = asyncio.run(first_morning(site.port, site.hall, site.students, site.lecture, 60.0))
    spent = cpu_seconds(site.pid) - before
    facts = facts_of(site.database, site.lecture.lecture)
    times = [_times(f"{what}, {kind}", tally.seconds[kind]) for kind in ("scan", "login", "send", "all")]
    guessed = ", ".join(f"{count} answered {answer[-3:]}" for answer, count in guesses.answers.items())
    return [
        *times,
        _kept(what, facts, tally, HALL),
        Row(f"{what}: until the last one", f"{tally.taken:.0f} s", f"{facts.sure}", "", f"guesses: {guessed}"),
        Row(f"{what}: processor time of the web processes", f"{spent:.0f} s", f"{spent / HALL * 1000:.0f} ms each"),
    ]


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


_WAYS = {"minute": _minute, "burst": _burst, "cost": _cost, "morning": _morning}
