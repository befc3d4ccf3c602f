"""What a check-in costs the web processes, beside a stock project's form that inserts one row."""

import asyncio
import json
import time
from typing import Any

from benchmarks.rush.browser import Browser
from benchmarks.rush.crowd import OpenLecture, Tally, check_in, in_turn
from benchmarks.served import cpu_seconds, run, server
from benchmarks.servers import Servers
from benchmarks.timing import Comparison

PAIRS, EACH, AT_ONCE = 7, 150, 4
_SETTLES = 0.3


def stock_variables(servers: Servers, variables: dict[str, str]) -> dict[str, str]:
    """Make the stock project's database, and return the variables of its server."""
    own = {
        "DATABASE_URL": servers.new_postgresql_database("stock"),
        "DJANGO_SETTINGS_MODULE": "benchmarks.stock.settings",
    }
    run(["-m", "django", "migrate", "--verbosity", "0"], variables | own)
    return variables | own


def compared(site: tuple[int, int], students: list[Any], lecture: OpenLecture, stock: dict[str, str]) -> Comparison:
    """Return the processor seconds of a check-in, and of a stock form, in pairs that were measured in turn."""
    members = json.loads(run(["-m", "benchmarks.stock.members", str(EACH)], stock))
    with server(stock, "benchmarks.stock.wsgi", ()) as other:
        _signs(other, members)  # Both have answered before anybody measures.
        found = Comparison([], [])
        for number in range(PAIRS):
            some = students[number * EACH :][:EACH]
            for side in (0, 1) if number % 2 else (1, 0):
                seconds = _signs(other, members) if side else _checks_in(site, some, lecture)
                (found.first, found.second)[side].append(seconds)
    return found


def _checks_in(site: tuple[int, int], students: list[Any], lecture: OpenLecture) -> float:
    tally = Tally()

    async def act(student: Any) -> None:
        (await check_in(site[0], student["cookies"], lecture, tally)).close()

    seconds = _spent(site[1], students, act)
    if tally.answers != {"scan 200": len(students), "send 200": len(students)}:
        raise RuntimeError(f"The check-ins were answered {dict(tally.answers)}.")
    return seconds


def _signs(site: tuple[int, int], members: list[dict[str, str]]) -> float:
    async def act(cookies: dict[str, str]) -> None:
        browser = Browser(site[0], dict(cookies))
        answer = await browser.post("/sign/")
        if answer.status != 200:
            raise RuntimeError(f"The stock project answered {answer.status}.")
        browser.close()

    return _spent(site[1], members, act)


def _spent(pid: int, whom: list[Any], act: Any) -> float:
    """Return the processor seconds of a server for each of these acts."""
    before = cpu_seconds(pid)
    asyncio.run(in_turn(whom, AT_ONCE, act))
    time.sleep(_SETTLES)  # Threads that write the log.
    return (cpu_seconds(pid) - before) / len(whom)
