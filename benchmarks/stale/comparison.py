"""Try each cache on the same sequence and in the same race, and put the counts into rows."""

import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from benchmarks.servers import Servers
from benchmarks.stale import race, sequence
from benchmarks.stale.stage import BOOKS_PER_SHELF, SHELVES, stage
from benchmarks.table import Row

SEED = 20240917
_CACHES = {
    "ours": "ours",
    "cacheops": "cacheops, set up as documented",
    "cacheops_by_hand": "cacheops with its own calls",
    "cachalot": "cachalot, set up as documented",
}
EXPLANATION = f"""\
Stale answers: every cache has a PostgreSQL database and a Redis database of its own with the same {len(SHELVES)}
shelves of {BOOKS_PER_SHELF} books, and reads the same lists, those of
rooms through a join; a hit is a read without a query.

*Sequence*: {sequence.STEPS} writes chosen by one seed, each acknowledged before the next step; after each, two
processes read, and while transactions are open as well. An answer is stale when it is older than an
acknowledged write. After SQL by hand ({sequence.BY_HAND} times, on a connection that no cache knows of) nobody is
judged before {sequence.L + sequence.SPARE:.1f} s, and only this engine promises to notice it at all.

*Race*: two processes read as fast as they can for {race.SECONDS:.0f} s while a third one writes through `save`,
`update`, `bulk_update` and raw SQL, with pauses of up to 30 ms, most of them shorter than 3 ms.

*cacheops with its own calls* writes through `invalidated_update` instead of `update`, and calls `invalidate_model`
after raw SQL and `bulk_update`, as its documentation offers; it does not claim to notice these by itself. cachalot runs
with its defaults; its documentation advises against tables with more than 50 writes a minute for the sake of speed."""


def rows(servers: Servers) -> list[Row]:
    """Run everything; the sequences of all caches at once, since they mostly wait, the races one after the other."""
    sys.stderr.write("Comparing stale answers ...\n")
    with ThreadPoolExecutor(len(_CACHES)) as threads:
        in_sequence = list(threads.map(lambda name: _sequence_row(servers, name), _CACHES))
    return [*in_sequence, *_race_rows(servers)]


def _sequence_row(servers: Servers, name: str) -> Row:
    with stage(servers, name, workers=2) as set_up:
        judge = sequence.play(set_up, SEED)
        hits = 1 - set_up.reads_of_the_database() / (judge.answers + judge.own_reads)
    return _row(f"Stale answers in sequence, {_CACHES[name]}", judge.stale, judge.answers, sequence.STEPS, hits)


def _race_rows(servers: Servers) -> Iterator[Row]:
    for name, title in _CACHES.items():
        with stage(servers, name, workers=3) as set_up:
            writes, reads, stale = race.run(set_up, SEED)
            hits = 1 - set_up.reads_of_the_database() / reads
        yield _row(f"Stale answers in a race, {title}", stale, reads, writes, hits)


def _row(measured: str, stale: Counter[str], answers: int, writes: int, hits: float) -> Row:
    kinds = ", ".join(f"{kind} {number}" for kind, number in stale.most_common())
    wanted = "0" if "ours" in measured else ""
    return Row(measured, f"{stale.total()} of {answers:,}", f"{writes} writes, {hits:.0%} hits", wanted, kinds)
