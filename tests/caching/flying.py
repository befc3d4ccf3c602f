"""One of several processes that miss an entry at once: `python -m tests.caching.flying PREFIX NAME THREADS`.

Says that it is ready, waits for a line on its standard input, and prints what its threads got and how often they
loaded.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor

import django
from django.conf import settings

django.setup()

from attendance.caching import flights  # noqa: E402 -- needs the setup
from tests.caching.lookups import COLD, lookup  # noqa: E402

LOAD_SECONDS = 0.2
"""Longer than the processes need to begin after one another."""
loads: list[int] = []


def load() -> bytes:
    loads.append(1)
    time.sleep(LOAD_SECONDS)
    return b"loaded"


def main() -> None:
    prefix, name, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
    settings.CACHES["default"]["KEY_PREFIX"] = prefix
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    with ThreadPoolExecutor(threads) as pool:
        asked = [pool.submit(flights.load_once, lookup(name, ["room"], load), COLD) for _thread in range(threads)]
    values = {flight.result() for flight in asked}
    sys.stdout.write(f"{b''.join(values).decode()} {len(loads)}\n")


if __name__ == "__main__":
    main()
