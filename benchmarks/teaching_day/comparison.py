"""Replay the day with the cache and without, and put what it came to into rows."""

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.served import copied_database, environment, run, server
from benchmarks.servers import Servers
from benchmarks.table import Row
from benchmarks.teaching_day.browsers import figures_told
from benchmarks.teaching_day.passing import CLOCK, Passing
from benchmarks.teaching_day.replay import Outcome, Replay
from benchmarks.teaching_day.script import HOUR, steps

_SETTINGS = "attendance_system.settings"


def rows(servers: Servers) -> list[Row]:
    """Replay the day twice, on copies of one database."""
    sys.stderr.write("Replaying a teaching day ...\n")
    clock = servers.folder / "clock"
    passing = Passing(clock)
    passing.move_to(1794290400.0)
    template = servers.new_postgresql_database("day")
    prepared = environment(template, servers.new_redis_database(), _SETTINGS, "true") | {CLOCK: str(clock)}
    run(["manage.py", "migrate", "--verbosity", "0"], prepared)
    cast = json.loads(run(["-m", "benchmarks.teaching_day.prepare"], prepared))
    outcomes = {enabled: _replayed(servers, template, cast, clock, enabled) for enabled in ("true", "false")}
    for enabled, outcome in outcomes.items():
        print(enabled)
        for kind, cost in sorted(outcome.costs.items()):
            print("  ", kind, dict(cost))
        print(outcome.wrong.most_common(10))
    return []


def _replayed(servers: Servers, template: str, cast: dict[str, Any], clock: Path, enabled: str) -> Outcome:
    database = copied_database(template, f"day_{enabled}")
    variables = environment(database, servers.new_redis_database(), _SETTINGS, enabled) | {CLOCK: str(clock)}
    fresh = json.loads(json.dumps(cast))
    passing = Passing(clock)
    passing.move_to(cast["midnight"] + 7 * HOUR)
    with server(variables, "benchmarks.teaching_day.wsgi") as (port, _pid):
        outcome = Replay(port, fresh, passing).run(steps(fresh))
        outcome.product = figures_told(port)
        return outcome
