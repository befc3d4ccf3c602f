"""The first morning: nobody in the hall is logged in, and behind the same address somebody guesses passwords."""

import asyncio
import time
from itertools import cycle
from typing import Any

from benchmarks.rush.browser import Browser
from benchmarks.rush.crowd import OpenLecture, Tally, at_their_moments

TYPES_FOR = 2.0
"""Seconds in which a phone fills in name and password."""
GUESSES_EVERY = 0.1


async def first_morning(
    port: int, hall: dict[str, Any], students: list[Any], lecture: OpenLecture, seconds: float
) -> tuple[Tally, Tally]:
    """Let all of these students scan within so many seconds, log in and check in.

    Returns:
        What they met with, and what whoever guessed did.
    """
    tally, guesses = Tally(), Tally()
    others = hall["students"][-20:]
    guesser = asyncio.create_task(_guessing(port, others, guesses))
    password = hall["password"]
    await at_their_moments(students, seconds, lambda each: _comes(port, each["name"], password, lecture, tally), tally)
    guesser.cancel()
    await asyncio.gather(guesser, return_exceptions=True)
    return tally, guesses


async def _comes(port: int, name: str, password: str, lecture: OpenLecture, tally: Tally) -> None:
    phone, began = Browser(port, {}), time.perf_counter()
    scan = tally.note("scan", await phone.get(lecture.address))
    form = tally.note("form", await phone.get(scan.location))
    if form.status != 200:
        raise RuntimeError(f"{scan.location} answered {form.status}.")
    await asyncio.sleep(TYPES_FOR)
    login = tally.note("login", await phone.post("/login/", username=name, password=password, next="/check-in/"))
    tally.note("claim", await phone.get(login.location or "/check-in/"))
    tally.note("send", await phone.post("/check-in/"))
    tally.seconds["all"].append(time.perf_counter() - began)
    phone.close()


async def _guessing(port: int, others: list[Any], tally: Tally) -> None:
    """Try wrong passwords for accounts of people who are not in the hall, as fast as a script would."""
    browser = Browser(port, {})
    await browser.get("/login/")
    for other in cycle(others):
        tally.note("guess", await browser.post("/login/", username=other["name"], password="Tr0ub4dor&3"))  # noqa: S106
        await asyncio.sleep(GUESSES_EVERY)
