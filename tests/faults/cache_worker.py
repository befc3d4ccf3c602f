"""One of two processes under load: `python -m tests.faults.cache_worker JOURNAL NUMBER QUIET BUSY…`.

Reads all rooms alike and writes to the busy ones, to the first of them most and to the last hardly ever, so that a
change that was missed is not covered up by the next one. Ends when it is told to with SIGTERM.
"""

import random
import signal
import sys
import threading
import time
from pathlib import Path

import django

django.setup()

from django.db import Error  # noqa: E402 -- models need the setup
from redis.exceptions import RedisError  # noqa: E402

from tests.faults.cache_acts import Browser, Journal, read, write  # noqa: E402

SHARE_OF_WRITES = 0.06
PAUSE = 0.002


def act(journal: Journal, chance: random.Random, quiet: str, busy: list[str]) -> None:
    """Do one thing: a write that its writer looks at at once, or a read by somebody new."""
    try:
        if chance.random() < SHARE_OF_WRITES:
            room = chance.choices(busy, [1 / (place + 1) ** 1.5 for place in range(len(busy))])[0]
            writer = Browser()
            read(writer, journal, room, own=write(writer, journal, room))
        else:
            read(Browser(), journal, chance.choice([quiet, *busy]))
    except (Error, RedisError) as error:
        journal.note("failure", error=repr(error), at=time.monotonic())


def main() -> None:
    path, number, quiet, *busy = sys.argv[1:]
    told_to_end = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told_to_end.set())
    journal, chance = Journal(Path(path)), random.Random(int(number))
    while not told_to_end.is_set():
        act(journal, chance, quiet, busy)
        time.sleep(PAUSE)


if __name__ == "__main__":
    main()
