"""How often a cold key is loaded when a hundred clients want it at once, in several processes."""

import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import django

from attendance import cache_tags
from attendance.caching import rounds
from attendance.caching.accessors import cached
from benchmarks import sample
from benchmarks.table import Row

_PROCESSES, _THREADS, _KEYS = 4, 25, 10
_LOAD_SECONDS = 0.05
_loads: list[str] = []


@cached("cold", timeout=timedelta(minutes=10), tags=lambda *, organisation: [cache_tags.rooms_of(organisation)])
def _slow_rooms(*, organisation: str) -> list[dict[str, object]]:
    _loads.append(organisation)
    time.sleep(_LOAD_SECONDS)
    return sample.rooms.uncached(organisation=organisation)


def rows() -> list[Row]:
    """Count the loads per cold key; each client gets the value in every case."""
    owners = [sample.organisation_with_rooms(20).pk.hex for _ in range(_KEYS)]
    with _client_processes() as pool:
        loads = [_loads_of(owner, pool) for owner in owners]
    return [
        Row(
            f"Loads of a cold key that {_PROCESSES * _THREADS} clients want at once",
            f"{sum(loads) / len(loads):.2f}",
            f"{min(loads)} to {max(loads)}, {len(loads)} keys",
            "1",
            f"{_PROCESSES} processes of {_THREADS} threads, a load of {_LOAD_SECONDS * 1000:.0f} ms",
        )
    ]


@contextmanager
def _client_processes() -> Iterator[ProcessPoolExecutor]:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(_PROCESSES, mp_context=spawn, initializer=django.setup) as pool:
        for warm_up in [pool.submit(time.sleep, 0.5) for _ in range(_PROCESSES)]:
            warm_up.result()
        yield pool


def _loads_of(owner: str, pool: ProcessPoolExecutor) -> int:
    rounds.run_now()
    start_at = time.monotonic() + 0.3
    running = [pool.submit(_clients, owner, start_at) for _ in range(_PROCESSES)]
    return sum(each.result() for each in running)


def _clients(owner: str, start_at: float) -> int:
    """Be that many clients of one process, all of whom begin at one moment; return how many loads that took."""
    _loads.clear()
    with ThreadPoolExecutor(_THREADS) as threads:
        answers = list(threads.map(lambda _: _client(owner, start_at), range(_THREADS)))
    if any(len(answer) != len(answers[0]) for answer in answers):
        raise RuntimeError("Clients of one cold key were answered differently.")
    return len(_loads)


def _client(owner: str, start_at: float) -> bytes:
    time.sleep(max(0.0, start_at - time.monotonic()))
    return _slow_rooms.serialised(organisation=owner)
