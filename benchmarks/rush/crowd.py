"""Everybody at once: students who scan at their moments, the projector that they scan, and some who look at pages."""

import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from attendance.qr.tokens import Code, step_at, token_of, written
from benchmarks.rush.browser import Answer, Browser

SUBMITS_AFTER = 0.1
"""Seconds until a phone has the script that sends the form."""
LOOKS_EVERY = 3.0
"""Seconds between two looks of a projector, and of a teacher who wants to see who is in."""
ONE_LOOKS_IN = 10
"""One student in so many goes on to the first page."""


@dataclass(frozen=True)
class OpenLecture:
    """What a projector shows, by the key of its check-in."""

    lecture: int
    session: int
    key: str
    step_seconds: int

    @property
    def address(self) -> str:
        """What a camera reads from the projector now."""
        step = step_at(time.time(), self.step_seconds)
        code = Code(self.session, token_of(bytes.fromhex(self.key), self.session, step))
        return f"/C/{written(code)}"


@dataclass
class Tally:
    """How long the requests of each kind took, and what they were answered."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    answers: Counter[str] = field(default_factory=Counter)
    taken: float = 0.0

    def note(self, kind: str, answer: Answer) -> Answer:
        """Take an answer in, and return it."""
        self.seconds[kind].append(answer.seconds)
        self.answers[f"{kind} {answer.status}"] += 1
        return answer


async def check_in(port: int, cookies: dict[str, str], lecture: OpenLecture, tally: Tally) -> Browser:
    """Let one student scan and send; return the phone."""
    phone = Browser(port, dict(cookies))
    tally.note("scan", await phone.get(lecture.address))
    await asyncio.sleep(SUBMITS_AFTER)
    tally.note("send", await phone.post("/check-in/"))
    return phone


async def at_their_moments(
    students: list[Any], seconds: float, act: Callable[[Any], Awaitable[None]], tally: Tally
) -> None:
    """Let everybody act once, at moments drawn evenly from that many seconds."""
    chance, began = random.Random(len(students)), time.monotonic()  # noqa: S311 -- no secret

    async def later(student: Any, moment: float) -> None:
        await asyncio.sleep(moment)
        await act(student)

    await asyncio.gather(*(later(student, chance.uniform(0, seconds)) for student in students))
    tally.taken = time.monotonic() - began


async def rush(port: int, hall: dict[str, Any], students: list[Any], lecture: OpenLecture, seconds: float) -> Tally:
    """Send all of these students to one lecture while its projector runs, and return what they met with.

    Raises:
        RuntimeError: the projector did not count everybody as soon as the last one was answered.
    """
    tally, numbers = Tally(), count()

    async def one(student: Any) -> None:
        phone = await check_in(port, student["cookies"], lecture, tally)
        if next(numbers) % ONE_LOOKS_IN == 0:
            tally.note("look", await phone.get("/dashboard/"))
        phone.close()

    projector = Browser(port, dict(hall["teacher"]))
    pages = (f"/lectures/{lecture.lecture}/", "/dashboard/")
    lookers = [
        asyncio.create_task(_looking(projector, [f"/lectures/{lecture.lecture}/projector/codes/"], "projector", tally)),
        asyncio.create_task(_looking(Browser(port, dict(hall["teacher"])), pages, "look", tally)),
    ]
    await at_their_moments(students, seconds, one, tally)
    for looker in lookers:
        looker.cancel()
    await asyncio.gather(*lookers, return_exceptions=True)
    last = await Browser(port, dict(hall["teacher"])).get(f"/lectures/{lecture.lecture}/projector/codes/")
    if f'"here": {len(students)},' not in last.text:
        raise RuntimeError(f"The projector shows {last.text[-80:]} after {len(students)} had checked in.")
    return tally


async def _looking(browser: Browser, paths: Iterable[str], kind: str, tally: Tally) -> None:
    while True:
        for path in paths:
            tally.note(kind, await browser.get(path))
        await asyncio.sleep(LOOKS_EVERY)


async def in_turn(students: list[Any], at_once: int, act: Callable[[Any], Awaitable[None]]) -> None:
    """Let everybody act once, so many at a time, each as soon as one before is done."""
    waiting = iter(students)

    async def line() -> None:
        for student in waiting:
            await act(student)

    await asyncio.gather(*(line() for _place in range(at_once)))
