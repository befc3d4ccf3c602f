"""The checker: joins the journals of all processes and says how old answers were.

The seats of a room only grow, by one per write. So an answer of `v` is out of date from the moment at which `v + 1` was
known to be committed, which is when its writer came back from the commit or when anybody first saw that many seats.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Read:
    """An answer: how many seats, asked and answered when (monotonic seconds), from where, and what the reader wrote."""

    process: str
    room: str
    value: int
    asked: float
    answered: float
    source: str
    own: int


@dataclass(frozen=True)
class Write:
    """An acknowledged write; `confirmed` unless its writer was told to bypass the cache."""

    process: str
    room: str
    value: int
    asked: float
    answered: float
    confirmed: bool


@dataclass(frozen=True)
class Commit:
    """The moment just after a commit."""

    process: str
    room: str
    value: int
    at: float


@dataclass(frozen=True)
class Failure:
    """A read or write that raised."""

    process: str
    error: str
    at: float


@dataclass(frozen=True)
class Loss:
    """From when to when a Redis that had forgotten confirmed stamps took the place of the one that knew them.

    An act lies between its two moments, not at one of them: a write that was under way before the loss ended may have
    been confirmed by the Redis that was lost, and a read that was under way when it began may have been answered by the
    one that took its place.
    """

    begins: float
    ends: float

    def between(self, write: Write, read: Read) -> bool:
        """Say whether what the write had changed in Redis may have been gone when the read was answered."""
        return write.asked < self.ends and read.answered > self.begins


class Story:
    """Everything that the processes of one run wrote down."""

    def __init__(self, journals: Iterable[Path]) -> None:
        self.reads: list[Read] = []
        self.writes: list[Write] = []
        self.commits: list[Commit] = []
        self.failures: list[Failure] = []
        kinds: dict[str, tuple[Callable[..., Any], list[Any]]] = {
            "read": (Read, self.reads),
            "write": (Write, self.writes),
            "commit": (Commit, self.commits),
            "failure": (Failure, self.failures),
        }
        for path in journals:
            for line in path.read_text("utf-8").splitlines():
                facts = json.loads(line)
                make, into = kinds[facts.pop("kind")]
                into.append(make(process=path.stem, **facts))

    def known(self) -> dict[tuple[str, int], float]:
        """Return when each number of seats of each room was first known to be committed."""
        moments: dict[tuple[str, int], float] = {(commit.room, commit.value): commit.at for commit in self.commits}
        for read in self.reads:
            key = (read.room, read.value)
            moments[key] = min(moments.get(key, read.answered), read.answered)
        return moments

    def ages(self) -> Iterator[tuple[float, Read]]:
        """Yield each answer that was out of date when it was asked for, and by how many seconds."""
        known = self.known()
        for read in self.reads:
            overtaken = known.get((read.room, read.value + 1), read.asked)
            if overtaken < read.asked:
                yield read.asked - overtaken, read

    def older_than_confirmed(self, losses: Sequence[Loss] = ()) -> list[tuple[Read, list[Write]]]:
        """Return the answers that lacked writes which had been confirmed before they were asked for, with these."""
        confirmed: defaultdict[str, list[Write]] = defaultdict(list)
        for write in self.writes:
            if write.confirmed:
                confirmed[write.room].append(write)
        lacking = [(read, _lacked(read, confirmed[read.room], losses)) for read in self.reads]
        return [(read, writes) for read, writes in lacking if writes]

    def older_than_own(self) -> list[Read]:
        """Return the answers that lacked what the reader had just written."""
        return [read for read in self.reads if read.value < read.own]

    def slowest(self, since: float, but: str = "") -> tuple[float, float]:
        """Return the seconds of the longest read and write that were not over at a moment, one process left out."""
        reads = [each for each in self.reads if each.answered >= since and each.process != but]
        writes = [each for each in self.writes if each.answered >= since and each.process != but]
        return (
            max((each.answered - each.asked for each in reads), default=0.0),
            max((each.answered - each.asked for each in writes), default=0.0),
        )

    def cached_again(self, since: float) -> float:
        """Return the seconds after which each process had an answer from Redis again."""
        first: dict[str, float] = {}
        for read in self.reads:
            if read.source == "redis" and read.asked >= since:
                first[read.process] = min(first.get(read.process, read.answered), read.answered)
        processes = {read.process for read in self.reads}
        return max(first.get(process, float("inf")) for process in processes) - since


def _lacked(read: Read, writes: Sequence[Write], losses: Sequence[Loss]) -> list[Write]:
    return [
        write
        for write in writes
        if read.value < write.value
        and write.answered < read.asked
        and not any(loss.between(write, read) for loss in losses)
    ]
