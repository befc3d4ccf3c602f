"""Fillers: vector, load, store. Each is a step of its own, and a filler may stop for ever after any of them.

A load is one step here. One of several statements misses no more than one that ran where its first statement did.
"""

from collections.abc import Iterator

from tests.caching.model.configurations import Configuration, Rules
from tests.caching.model.state import (
    CONSTANT_STAMP,
    FRESH_STAMP,
    NO_SNAPSHOT,
    NO_STAMP,
    NO_VECTOR,
    NOT_LOADED,
    OPEN,
    Entry,
    Filler,
    Redis,
    State,
    committed,
    in_words,
    replaced,
)
from tests.caching.model.writers import Step

IDLE = Filler()


def with_all_stamps(redis: Redis, rules: Rules) -> Redis:
    """Return Redis with a stamp for every tag and the epoch. Rule: a missing one is minted fresh."""
    minted = FRESH_STAMP if rules.random_missing_stamp else CONSTANT_STAMP
    return redis._replace(stamps=tuple(minted if stamp == NO_STAMP else stamp for stamp in redis.stamps))


def steps_of_fillers(state: State, configuration: Configuration) -> Iterator[Step]:
    """Yield what the fillers can do next."""
    for place, filler in enumerate(state.fillers):
        if place and filler == state.fillers[place - 1]:
            continue
        if filler != IDLE:
            yield "a filler dies", _with_filler(state, place, IDLE)
        yield from _next_steps(state, place, filler, configuration)


def _with_filler(state: State, place: int, following: Filler) -> State:
    return state._replace(fillers=replaced(state.fillers, place, following))


def _next_steps(state: State, place: int, filler: Filler, configuration: Configuration) -> Iterator[Step]:
    rules = configuration.rules
    vector_taken, loaded = filler.vector != NO_VECTOR, filler.value != NOT_LOADED
    if vector_taken and loaded:
        yield _store(state, place, filler)
    elif not rules.fill_outside_snapshot and filler == IDLE:
        snapshot = filler._replace(snapshot=committed(state.writes))
        yield "a filler opens a transaction in REPEATABLE READ", _with_filler(state, place, snapshot)
    # Rule: the vector is taken before the first query whose result can reach the value.
    elif not vector_taken and (loaded or rules.vector_before_load):
        yield _take_vector(state, place, filler, rules)
    else:
        yield from _load(state, place, filler, rules)


def _take_vector(state: State, place: int, filler: Filler, rules: Rules) -> Step:
    redis = with_all_stamps(state.redis, rules)
    following = filler._replace(vector=redis.stamps)
    return "a filler takes the vector", _with_filler(state, place, following)._replace(redis=redis)


def _load(state: State, place: int, filler: Filler, rules: Rules) -> Iterator[Step]:
    value = committed(state.writes) if filler.snapshot == NO_SNAPSHOT else filler.snapshot
    yield f"a filler loads {in_words(value)}", _with_filler(state, place, filler._replace(value=value))
    # Rule: no fill inside a transaction, nor after own writes in the request.
    if not rules.fill_outside_own_transaction:
        for number, write in enumerate(state.writes):
            if write.phase == OPEN:
                own = value | 1 << number
                inside = _with_filler(state, place, filler._replace(value=own))
                yield f"a filler inside the transaction of write {number} loads {in_words(own)}", inside


def _store(state: State, place: int, filler: Filler) -> Step:
    redis = state.redis._replace(entry=Entry(filler.vector, filler.value))
    return "a filler stores the entry with its vector", _with_filler(state, place, IDLE)._replace(redis=redis)
