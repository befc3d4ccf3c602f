"""A process that is killed at one step: `python -m tests.faults.cache_killed_writer JOURNAL STEP ROOM`.

The steps are those of `STEPS`. It kills itself with the signal that cannot be caught, so nothing is tidied up.
"""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import django

django.setup()

from django.db import transaction  # noqa: E402 -- models need the setup

from attendance.caching import stamps  # noqa: E402
from attendance.caching.outbox import Change  # noqa: E402
from tests.faults import cache_acts  # noqa: E402
from tests.faults.cache_acts import Journal, add_seat, seats  # noqa: E402


def die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody outlives SIGKILL")


def before_the_commit(journal: Journal, room: str) -> None:
    with transaction.atomic():
        add_seat(journal, room)
        die()


def before_the_stamps(journal: Journal, room: str) -> None:
    def die_instead(changes: Sequence[Change]) -> None:
        die()

    stamps.replace = die_instead
    add_seat(journal, room)


def after_the_stamps(journal: Journal, room: str) -> None:
    replace: Callable[[Sequence[Change]], None] = stamps.replace

    def replace_and_die(changes: Sequence[Change]) -> None:
        replace(changes)
        die()

    stamps.replace = replace_and_die
    add_seat(journal, room)


def while_loading(journal: Journal, room: str) -> None:
    cache_acts.linger = die
    while True:  # Somebody else may be the first to load what is new.
        add_seat(journal, room)
        seats(organisation=room)


STEPS = {
    "before-the-commit": before_the_commit,
    "before-the-stamps": before_the_stamps,
    "after-the-stamps": after_the_stamps,
    "while-loading": while_loading,
}


if __name__ == "__main__":
    STEPS[sys.argv[2]](Journal(Path(sys.argv[1])), sys.argv[3])
