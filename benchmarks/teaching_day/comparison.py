"""Replay the day with the cache and without, and put what it came to into rows."""

import json
import os
import sys
from collections import Counter
from datetime import UTC, datetime, time
from pathlib import Path
from statistics import quantiles
from typing import Any

from attendance.queries.cache_targets import TARGETS
from benchmarks.served import copied_database, environment, run, server
from benchmarks.servers import Servers
from benchmarks.table import Row
from benchmarks.teaching_day.browsers import figures_told
from benchmarks.teaching_day.passing import CLOCK, DAY, Passing
from benchmarks.teaching_day.replay import Outcome, Replay
from benchmarks.teaching_day.script import HOUR, steps

_SETTINGS = "attendance_system.settings"
_CACHED = ("/courses/", "/courses/#/", "/dashboard/", "/lectures/#/", "/students/", "/teachers/")
"""The addresses of the day that the cache is for."""
_FAMILIES = {
    "courses": ("course_list", "course_detail", "offering_timetable", "offering_staff"),
    "students": ("student_list", "offering_counts", "student_standings", "student_marks"),
    "lectures": ("lecture_detail", "lecture_grant"),
}
"""What belongs together: pages, and the entries of the same rows of which they are made."""
EXPLANATION = """\
A Tuesday of a faculty (800 students, 40 teachers, 3 administrators, 96 courses with 2 lectures a week) from eight in
the morning to ten at night, replayed through gunicorn with two processes, PostgreSQL and Redis: the same requests once
with the cache and once without. It begins with an empty cache. Who does what is assumed and said in
`benchmarks/teaching_day/script.py`; nothing of it was changed to come out better. The clock is an input, so that
everything lives as long as in life; see `benchmarks/teaching_day/__init__.py`. *Cold* is a page that this reader, or
for lectures and teachers the first one of a role, had not asked for before. Pages of one person have no target of their
own: what they are made of has, and a family is both together. *Without a query* leaves those out that make a reader
known, which are said beside. Queries include those that make a reader known and those of early refreshes; the rounds
ask for themselves, twice a second at most, whatever people do. An answer is *stale* that says of a topic, of an own
mark or of the state of a lecture what was overtaken when it was asked for.
Nobody looks at the statistics of the blockchain in it, which are meant to come to 90 %."""


def rows(servers: Servers) -> list[Row]:
    """Replay the day twice, on copies of one database.

    Raises:
        RuntimeError: what the product counted is not what the answers said.
    """
    sys.stderr.write("Replaying a teaching day ...\n")
    clock = servers.folder / "clock"
    Passing(clock).move_to(datetime.combine(DAY, time(6), tzinfo=UTC).timestamp())
    template = servers.new_postgresql_database("day")
    variables = environment(template, servers.new_redis_database(), _SETTINGS, "true") | {CLOCK: str(clock)}
    run(["manage.py", "migrate", "--verbosity", "0"], variables)
    cast = json.loads(run(["-m", "benchmarks.teaching_day.prepare"], variables))
    cached, uncached = (_replayed(servers, template, cast, clock, enabled) for enabled in ("true", "false"))
    shown = [*_hits(cached), *_of_families(cached), *_answered_without(cached)]
    return [*shown, *_queries(cached, uncached), *_times(cached, uncached), _wrong(cached)]


def _replayed(servers: Servers, template: str, cast: dict[str, Any], clock: Path, enabled: str) -> Outcome:
    database = copied_database(template, f"day_{enabled}")
    variables = environment(database, servers.new_redis_database(), _SETTINGS, enabled) | {CLOCK: str(clock)}
    fresh, passing = json.loads(json.dumps(cast)), Passing(clock)
    passing.move_to(cast["midnight"] + 7 * HOUR)
    with server(variables, "benchmarks.teaching_day.wsgi") as (port, _pid):
        outcome = Replay(port, fresh, passing).run(steps(fresh))
        outcome.product = figures_told(port)
    return outcome


def _hits(cached: Outcome) -> list[Row]:
    """Return a row for each resource that was read, and hold what the product counted against the answers."""
    said = sum(cached.costs.values(), Counter())
    found = []
    for resource, figures in cached.product.items():
        hits, misses = figures["hits"], sum(figures["misses"].values())
        # A miss that waited for whoever made the page counts for the product once it has the page, here at once.
        if hits != said[f"hit:{resource}"] or abs(misses - said[f"miss:{resource}"]) > said["refreshes"]:
            raise RuntimeError(f"{resource}: {figures} were counted, {said} was said.")
        if hits + misses:
            why = ", ".join(f"{number:,} {cause}" for cause, number in figures["misses"].items())
            passed = ", ".join(f"{number} because {reason}" for reason, number in figures["bypassed"].items())
            wanted = f"{TARGETS[resource]:.0%}" if resource in TARGETS else ""
            ratio = f"{hits / (hits + misses):.0%}"
            found.append(Row(f"Hits, {resource}", ratio, f"{hits:,} hits; {why}", wanted, f"passed: {passed or 0}"))
    return found


def _of_families(cached: Outcome) -> list[Row]:
    """Return a row for each family: the lookups of all its resources together."""
    found = []
    for family, resources in _FAMILIES.items():
        told = [cached.product[resource] for resource in resources if resource in cached.product]
        hits, misses = sum(each["hits"] for each in told), sum(sum(each["misses"].values()) for each in told)
        spread = f"{hits:,} hits, {misses:,} misses"
        found.append(Row(f"Hits, all of {family}", f"{hits / (hits + misses):.0%}", spread, "", ", ".join(resources)))
    return found


def _answered_without(cached: Outcome) -> list[Row]:
    """Return a row for each cached address: how many of its answers took no query for what they show."""
    return [_without(address, cached.costs[f"GET {address}"]) for address in _CACHED]


def _without(address: str, cost: Counter[str]) -> Row:
    share = f"{cost['without a query'] / cost['requests']:.0%}"
    spread = f"{cost['without a query']:,} of {cost['requests']:,}"
    return Row(f"Answered without a query, {address}", share, spread, "", f"for the reader: {cost['reader queries']:,}")


def _total(outcome: Outcome, addresses: tuple[str, ...] | None) -> int:
    """Return the queries of these pages, and of all requests for None; early refreshes are of cached pages."""
    kinds = outcome.costs if addresses is None else [f"GET {address}" for address in addresses]
    refreshes = sum(cost["refresh queries"] for cost in outcome.costs.values())
    return sum(outcome.costs[kind]["queries"] for kind in kinds) + refreshes


def _queries(cached: Outcome, uncached: Outcome) -> list[Row]:
    cases = [("cached pages", _CACHED, "60 to 80 %"), ("all requests", None, "")]
    cases += [(f"GET {address}", (address,), "") for address in _CACHED]
    return [_saved(what, cached, uncached, addresses, wanted) for what, addresses, wanted in cases]


def _saved(what: str, cached: Outcome, uncached: Outcome, addresses: tuple[str, ...] | None, wanted: str) -> Row:
    refreshes = sum(cost["refresh queries"] for cost in cached.costs.values())
    counted = [_total(each, addresses) for each in (cached, uncached)]
    if addresses is not None and len(addresses) == 1:
        counted[0] -= refreshes  # They belong to all of them together.
    saved = 1 - counted[0] / counted[1]
    kinds = cached.costs if addresses is None else [f"GET {address}" for address in addresses]
    requests = sum(cached.costs[kind]["requests"] for kind in kinds)
    sides = f"{counted[0]:,} / {counted[1]:,}"
    return Row(f"Queries saved, {what}", f"{saved:.0%}", f"{requests:,} requests", wanted, sides)


def _times(cached: Outcome, uncached: Outcome) -> list[Row]:
    load = f"load {os.getloadavg()[0]:.1f}"
    found = []
    for address in _CACHED:
        p50, p99 = _quantiles(cached, f"GET {address}")
        bare_p50, bare_p99 = _quantiles(uncached, f"GET {address}")
        sides = f"p50 {p50:.0f} / {bare_p50:.0f} ms, p99 {p99:.0f} / {bare_p99:.0f} ms"
        found.append(Row(f"Time with ÷ without, {address}", f"{p50 / bare_p50:.2f}", load, "", sides))
    return found


def _quantiles(outcome: Outcome, kind: str) -> tuple[float, float]:
    cuts = quantiles(outcome.seconds[kind], n=100)
    return cuts[49] * 1000, cuts[98] * 1000


def _wrong(cached: Outcome) -> Row:
    reads = sum(cost["requests"] for kind, cost in cached.costs.items() if kind.startswith("GET"))
    writes = sum(cost["requests"] for kind, cost in cached.costs.items() if kind.startswith("POST"))
    figure = f"{cached.wrong['stale']} stale, {cached.wrong['foreign']} foreign"
    return Row("Wrong answers", figure, f"{reads:,} reads, {writes:,} writes", "0", "")
