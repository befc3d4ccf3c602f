"""What there is in the model, as tuples that can be compared and hashed; and how equal situations become one."""

from functools import cache
from typing import NamedTuple, TypeVar

Item = TypeVar("Item")

# Sets are bit masks. In a set of tags or of writes bit k stands for the one at place k; in a position, for xid k.
Mask = int

# The phases of a transaction. A lost one was committed until the database was set back to a backup.
UNBEGUN, OPEN, ROLLED_BACK, COMMITTED, LOST = range(5)

# A stamp is a symbol that is compared and nothing else. Each random one differs from all before it.
NO_STAMP = 0
CONSTANT_STAMP = -1
FRESH_STAMP = 1_000_000

NO_POSITION = -1
SECOND_HISTORY = 1 << 16  # in a position: the database has been set back
NOT_LOADED = -1
NO_SNAPSHOT = -1

Stamps = tuple[int, ...]
NO_VECTOR: Stamps = ()


class Write(NamedTuple):
    """One transaction that changes what the entry shows."""

    phase: int = UNBEGUN
    unstamped: Mask = 0  # the tags whose stamps its fast path has still to replace
    age: int = 0  # ticks since its commit or since it was lost, up to the limit


class Entry(NamedTuple):
    """A stored value with its vector. A value is the set of transactions that it shows."""

    vector: Stamps
    value: Mask


class Redis(NamedTuple):
    """One Redis. `confirmed` is what it has confirmed to writers: no key of it, but a promise to be checked."""

    stamps: Stamps  # one for each tag and, last, the epoch
    position: int = NO_POSITION
    fence: int = 0  # ticks until it expires
    entry: Entry | None = None
    confirmed: Mask = 0


class Filler(NamedTuple):
    """A process that fills the entry: where it stands between vector, load and store."""

    snapshot: int = NO_SNAPSHOT  # what its transaction sees, if it opened one before
    vector: Stamps = NO_VECTOR
    value: int = NOT_LOADED


class Round(NamedTuple):
    """A round under way: what it read in Redis and then in the database."""

    step: int = 0
    age: int = 0  # ticks since T0, up to the limit
    position: int = NO_POSITION
    new_epoch: bool = False
    dirty: Mask = 0  # the tags that changed since the position
    seen: Mask = 0  # the transactions whose commit it saw
    next_position: int = NO_POSITION


class Memory(NamedTuple):
    """What a process without Redis keeps: a value, and the position that it took before or after the load."""

    position: int = NO_POSITION
    value: int = NOT_LOADED


class State(NamedTuple):
    """Everything at one instant. `copy` is another Redis: a saved copy, or a host that failed over."""

    writes: tuple[Write, ...]
    horizon: int
    redis: Redis
    copy: Redis | None
    fillers: tuple[Filler, ...]
    rounds: tuple[Round, ...]
    memory: Memory


@cache
def committed(writes: tuple[Write, ...]) -> Mask:
    """Return the writes that have committed: what a load sees now."""
    return sum(1 << place for place, write in enumerate(writes) if write.phase == COMMITTED)


@cache
def lost(writes: tuple[Write, ...]) -> Mask:
    """Return the writes that the database has forgotten."""
    return sum(1 << place for place, write in enumerate(writes) if write.phase == LOST)


@cache
def xids(writes: tuple[Write, ...]) -> tuple[int, ...]:
    """Return the xid of each transaction. A database that was set back gives the lost ones' xids again."""
    return tuple(place - sum(write.phase == LOST for write in writes[:place]) for place in range(len(writes)))


@cache
def finished(writes: tuple[Write, ...]) -> Mask:
    """Return the xids that a snapshot taken now counts as over."""
    over = (ROLLED_BACK, COMMITTED)
    return sum(1 << xid for xid, write in zip(xids(writes), writes, strict=True) if write.phase in over)


@cache
def highest(writes: tuple[Write, ...], horizon: int) -> Mask:
    """Return all xids up to the highest one that has committed and whose outbox rows are above a horizon."""
    numbered = zip(xids(writes), writes, strict=True)
    above = [xid for xid, write in numbered if write.phase == COMMITTED and xid >= horizon]
    return (1 << max(above, default=-1) + 1) - 1


@cache
def rows_since(writes: tuple[Write, ...], position: int, horizon: int) -> Mask:
    """Return the writes whose outbox rows are there and are not shown by a position."""
    return sum(
        1 << place
        for place, (xid, write) in enumerate(zip(xids(writes), writes, strict=True))
        if write.phase == COMMITTED and xid >= horizon and not position >> xid & 1
    )


def lowest_absent(mask: Mask) -> int:
    """Return the lowest xid that is not in a set: of a snapshot, its xmin."""
    return (~mask & (mask + 1)).bit_length() - 1


@cache
def in_words(places: Mask, what: str = "writes") -> str:
    """Return a set, such as `writes {0, 1}`."""
    numbers = (str(place) for place in range(places.bit_length()) if places >> place & 1)
    return f"{what} {{{', '.join(numbers)}}}"


def replaced(items: tuple[Item, ...], place: int, item: Item) -> tuple[Item, ...]:
    """Return the items with another one at that place."""
    return (*items[:place], item, *items[place + 1 :])
