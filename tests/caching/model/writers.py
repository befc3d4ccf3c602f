"""Writers, from the begin of a transaction to the acknowledgement; and the purge of the outbox.

A transaction takes its xid when it begins and may commit after a later one. Its outbox rows become visible with it.
"""

from collections.abc import Iterator

from tests.caching.model.configurations import Configuration
from tests.caching.model.state import (
    COMMITTED,
    FRESH_STAMP,
    NO_STAMP,
    OPEN,
    ROLLED_BACK,
    SECOND_HISTORY,
    UNBEGUN,
    Mask,
    Redis,
    State,
    Write,
    finished,
    highest,
    lost,
    lowest_absent,
    replaced,
)

Step = tuple[str, State]


def position_now(state: State, configuration: Configuration) -> Mask:
    """Return the position of the database: the xids that it counts as over, and of which history they are.

    Rule: on PostgreSQL the position is the snapshot. The highest id does for writers that come one after another, if
    it is the highest ever given and not the highest left by the purge.
    """
    rules = configuration.rules
    horizon = 0 if rules.highest_id_outlives_purge else state.horizon
    xids = finished(state.writes) if rules.position_is_snapshot else highest(state.writes, horizon)
    return xids | SECOND_HISTORY if rules.history_in_position and lost(state.writes) else xids


def with_fresh_stamps(redis: Redis, dirty: Mask) -> Redis:
    """Return Redis with the stamps of these tags replaced where there are any (`SET ... XX`)."""
    stamps = (
        FRESH_STAMP if dirty >> tag & 1 and stamp != NO_STAMP else stamp for tag, stamp in enumerate(redis.stamps)
    )
    return redis._replace(stamps=tuple(stamps))


def steps_of_writers(state: State, configuration: Configuration) -> Iterator[Step]:
    """Yield what the writers can do next."""
    for place, write in enumerate(state.writes):
        if write.phase == UNBEGUN:
            if not (configuration.serial_writers and any(other.phase == OPEN for other in state.writes)):
                yield _begin(state, configuration, place)
            break
        if write.phase == OPEN:
            yield _commit(state, configuration, place)
            yield (
                f"write {place} is rolled back",
                state._replace(writes=replaced(state.writes, place, Write(ROLLED_BACK))),
            )
        # Rule: the callback is registered after the statement, so it runs after the commit and not before.
        if write.unstamped and write.phase == (COMMITTED if configuration.rules.stamps_after_commit else OPEN):
            yield _stamp(state, place)


def _begin(state: State, configuration: Configuration, place: int) -> Step:
    unstamped = configuration.writes[place] if configuration.fast_path else 0
    begun = replaced(state.writes, place, Write(OPEN, unstamped))
    return f"write {place} begins and executes its statement", state._replace(writes=begun)


def _commit(state: State, configuration: Configuration, place: int) -> Step:
    write = state.writes[place]
    writes = replaced(state.writes, place, write._replace(phase=COMMITTED))
    redis = state.redis
    if configuration.fast_path and not write.unstamped:
        redis = redis._replace(confirmed=redis.confirmed | 1 << place)
    return f"write {place} commits, its outbox rows with it", state._replace(writes=writes, redis=redis)


def _stamp(state: State, place: int) -> Step:
    """Replace one more stamp; Redis has confirmed the write when none is left."""
    write = state.writes[place]
    tag = lowest_absent(~write.unstamped)
    rest = write.unstamped & ~(1 << tag)
    redis = with_fresh_stamps(state.redis, 1 << tag)
    confirms = not rest and write.phase == COMMITTED
    if confirms:
        redis = redis._replace(confirmed=redis.confirmed | 1 << place)
    words = f"write {place} replaces the stamp of tag {tag}" + (" and is acknowledged" if confirms else "")
    return words, state._replace(writes=replaced(state.writes, place, write._replace(unstamped=rest)), redis=redis)


def steps_of_the_purge(state: State, configuration: Configuration) -> Iterator[Step]:
    """Yield the purges that can commit now.

    The bound is the age of rows, so it may lie anywhere up to the oldest transaction still open. A purge that
    computes its bound early and commits late is one with a lower bound, and the horizon never goes backwards.
    """
    if configuration.purges:
        for horizon in range(state.horizon + 1, lowest_absent(position_now(state, configuration)) + 1):
            yield (
                f"a purge deletes the outbox rows below xid {horizon}, its horizon",
                state._replace(horizon=horizon),
            )
