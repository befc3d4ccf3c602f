"""Equal situations become one state: random stamps are renamed, processes of one kind are sorted."""

from functools import cache

from tests.caching.model.configurations import Configuration
from tests.caching.model.state import CONSTANT_STAMP, NO_STAMP, NO_VECTOR, Filler, Redis, Stamps, State

Holders = tuple[Redis, Redis | None, tuple[Filler, ...]]


def canonical(state: State, configuration: Configuration) -> State:
    """Return the one state that stands for all that differ from this in the names of stamps and processes only."""
    # A stamp that may be minted a second time can make a vector fit again; so can one that no entry lists.
    for_ever = configuration.rules.random_missing_stamp and configuration.rules.table_tag
    redis, copy, fillers = _renamed(state.redis, state.copy, state.fillers, for_ever)
    return State(state.writes, state.horizon, redis, copy, fillers, tuple(sorted(state.rounds)), state.memory)


@cache
def _renamed(redis: Redis, copy: Redis | None, fillers: tuple[Filler, ...], for_ever: bool) -> Holders:
    """Return all who hold stamps, with stamps numbered by first occurrence, and fillers in order.

    Where stamps only ever change to fresh ones, a vector that fits neither Redis now will never fit again. So its entry
    is left out, and a filler that holds it counts as dead: what it would store does no more than evict.
    """
    stamps = (redis.stamps, copy.stamps if copy else NO_VECTOR)
    vectors = (_vector(redis), _vector(copy), *(filler.vector for filler in fillers))
    if for_ever:
        vectors = tuple(vector if vector in stamps else NO_VECTOR for vector in vectors)
    own, other, entry, other_entry, *taken = _numbered((*stamps, *vectors))
    return (
        _with_names(redis, own, entry),
        copy and _with_names(copy, other, other_entry),
        tuple(sorted(_following(filler, vector) for filler, vector in zip(fillers, taken, strict=True))),
    )


def _vector(redis: Redis | None) -> Stamps:
    return redis.entry.vector if redis and redis.entry else NO_VECTOR


def _with_names(redis: Redis, stamps: Stamps, vector: Stamps) -> Redis:
    entry = redis.entry._replace(vector=vector) if redis.entry and vector else None
    return redis._replace(stamps=stamps, entry=entry)


def _following(filler: Filler, vector: Stamps) -> Filler:
    return filler._replace(vector=vector) if vector or not filler.vector else Filler()


def _numbered(rows: tuple[Stamps, ...]) -> list[Stamps]:
    """Return the rows, empty ones included, with the stamps of each column numbered from one."""
    columns = [_names_in(column) for column in zip(*filter(None, rows), strict=True)]
    named = zip(*columns, strict=True)
    return [next(named) if row else NO_VECTOR for row in rows]


def _names_in(column: tuple[int, ...]) -> list[int]:
    names = {NO_STAMP: NO_STAMP}
    return [CONSTANT_STAMP if stamp == CONSTANT_STAMP else names.setdefault(stamp, len(names)) for stamp in column]
