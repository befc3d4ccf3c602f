"""Two processes that read as fast as they can while a third one writes: answers older than an acknowledged write."""

import time
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable

from benchmarks.stale.stage import Stage

SECONDS = 6.0
_SHELVES = (1, 2)


def run(stage: Stage, seed: int) -> tuple[int, int, Counter[str]]:
    """Return the number of writes, the number of reads, and the stale ones by the kind of the first write missed."""
    *readers, writer = stage.workers
    markers = [(shelf, stage.truth(("shelf", shelf))[0][0]) for shelf in _SHELVES]
    when = {"start_at": time.monotonic() + 1.0, "seconds": SECONDS}
    for number, reader in enumerate(readers):
        reader.tell("race reads", seed=seed + number, shelves=_SHELVES, **when)
    writer.tell("race writes", seed=seed, markers=markers, **when)
    reads = [read for reader in readers for read in reader.answer()]
    writes = writer.answer()
    return len(writes), len(reads), Counter(_missed(writes, reads))


def _missed(writes: Iterable[tuple[float, int, int, str]], reads: Iterable[tuple[float, int, int]]) -> Iterable[str]:
    """Yield, per stale read, the kind of the first write to its shelf that was acknowledged before and not shown."""
    of_shelf: defaultdict[int, list[tuple[int, float, str]]] = defaultdict(list)
    for acknowledged, shelf, version, kind in writes:
        of_shelf[shelf].append((version, acknowledged, kind))
    for began, shelf, shown in reads:
        later = of_shelf[shelf][bisect_left(of_shelf[shelf], (shown + 1, 0.0, "")) :]
        if later and later[0][1] < began:
            yield later[0][2]
