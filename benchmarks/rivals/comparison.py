"""Try each cache behind the same server with the same requests, and put the figures into rows."""

import json
import sys
from dataclasses import dataclass, replace
from statistics import quantiles
from typing import Any

from benchmarks.rivals.load import SECONDS, THREADS, Load
from benchmarks.served import copied_database, cpu_seconds, environment, run, server
from benchmarks.servers import Servers
from benchmarks.table import Row
from tests.servers.redis_server import running_redis

_RIVALS = {
    "ours": ("attendance_system.settings", "true"),
    "cache_page": ("benchmarks.rivals.settings_cache_page", "false"),
    "cacheops": ("benchmarks.rivals.settings_cacheops", "false"),
    "cachalot": ("benchmarks.rivals.settings_cachalot", "false"),
    "no cache": ("attendance_system.settings", "false"),
}
EXPLANATION = f"""\
The product itself with a full-size university on PostgreSQL and Redis, behind gunicorn with two processes of four
threads, which share two cores with database, Redis and the program that sends: {THREADS} threads, each with a
connection that is kept open, for {SECONDS:.0f} s after every reader has seen every own page twice. 95 in 100 requests
read such a page (first page, courses, own courses and lectures, teachers, students; 10 teachers, 30 students, an
administrator), 5 write to one of some 160 courses: half of them the topic of a lecture, half a mark in the register.
An answer is *stale* when its topic is older than one that was acknowledged before the request was sent, *foreign* when
it greets somebody else. CPU is that of the two processes, divided by all requests.

The other caches are set up as documented (`benchmarks/rivals/settings_*.py`), with this one switched off: `cache_page`
around the same views for the same times, cacheops and cachalot under the views."""


@dataclass(frozen=True)
class Outcome:
    """What one cache came to."""

    load: Load
    cpu: float

    @property
    def wrong(self) -> int:
        """Answers that were stale or somebody else's."""
        return self.load.counts["stale"] + self.load.counts["foreign"]

    @property
    def requests(self) -> int:
        """All of them, reads and writes."""
        return self.load.counts["reads"] + self.load.counts["writes"]


def rows(servers: Servers) -> list[Row]:
    """Run every cache, and say at the end how many times the best of the others this one is."""
    sys.stderr.write("Comparing caches behind a server ...\n")
    with running_redis(servers.folder / "rivals") as redis:
        return _all_rows(replace(servers, redis=redis.url, redis_numbers=iter(range(16))))


def _all_rows(servers: Servers) -> list[Row]:
    template = servers.new_postgresql_database("rivals")
    variables = environment(template, servers.new_redis_database(), "attendance_system.settings", "true")
    run(["manage.py", "migrate", "--verbosity", "0"], variables)
    cast = json.loads(run(["-m", "benchmarks.rivals.prepare"], variables))
    outcomes = {name: _tried(servers, template, name, cast) for name in _RIVALS}
    others = {name: outcome for name, outcome in outcomes.items() if name != "ours"}
    right = {name: outcome for name, outcome in others.items() if not outcome.wrong}
    return [
        *(_row(name, outcome) for name, outcome in outcomes.items()),
        _beside("the best other without a wrong answer", outcomes["ours"], right, "at least 3"),
        _beside("the best other, right or wrong", outcomes["ours"], others, ""),
    ]


def _beside(whom: str, ours: Outcome, others: dict[str, Outcome], wanted: str) -> Row:
    best = max(others, key=lambda name: others[name].requests)
    ratio = ours.requests / others[best].requests
    return Row(f"Requests of ours ÷ of {whom}", f"{ratio:.1f}", "in the same time", wanted, best)


def _row(name: str, outcome: Outcome) -> Row:
    load = outcome.load
    cuts = quantiles(load.seconds, n=100)
    others = {kind: number for kind, number in load.counts.items() if "answered" in kind}
    return Row(
        f"Requests a second, {name}",
        f"{outcome.requests / SECONDS:.0f}",
        f"CPU {outcome.cpu / outcome.requests * 1000:.2f} ms a request",
        "0 stale, 0 foreign" if name == "ours" else "",
        f"{load.counts['stale']} stale, {load.counts['foreign']} foreign of {load.counts['reads']:,} reads, "
        f"{load.counts['writes']} writes; p50 {cuts[49] * 1000:.1f}, p99 {cuts[98] * 1000:.1f} ms{others or ''}",
    )


def _tried(servers: Servers, template: str, name: str, cast: dict[str, Any]) -> Outcome:
    database = copied_database(template, f"rivals_{name.replace(' ', '_')}")
    settings, enabled = _RIVALS[name]
    variables = environment(database, servers.new_redis_database(), settings, enabled)
    fresh = json.loads(json.dumps(cast))
    with server(variables) as (port, pid):
        load = Load(port, fresh["readers"], fresh["targets"], seed=11)
        load.visit_everything()
        before = cpu_seconds(pid)
        load.run(SECONDS)
        return Outcome(load, cpu_seconds(pid) - before)
