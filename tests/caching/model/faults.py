"""What happens to everybody: time passes, and Redis loses keys, everything, or its most recent past."""

from collections.abc import Iterator

from tests.caching.model.configurations import Configuration
from tests.caching.model.state import (
    COMMITTED,
    LOST,
    NO_POSITION,
    NO_STAMP,
    OPEN,
    ROLLED_BACK,
    UNBEGUN,
    Redis,
    State,
    Write,
    lost,
    replaced,
)
from tests.caching.model.writers import Step


def passing_time(state: State, configuration: Configuration) -> Iterator[Step]:
    """Yield one tick: everything is older, and fences run out."""
    limit, copy = configuration.limit, state.copy
    writes = tuple(_older(write, configuration) for write in state.writes)
    old = sum(1 << place for place, write in enumerate(writes) if write.age == limit)
    yield (
        "a tick passes",
        state._replace(
            writes=writes,
            redis=_later(state.redis, old),
            copy=copy and _later(copy, old),
            rounds=tuple(
                current._replace(age=min(current.age + 1, limit)) if current.step else current
                for current in state.rounds
            ),
        ),
    )


def _older(write: Write, configuration: Configuration) -> Write:
    """Return the write one tick later.

    A stamp replaced after the limit does what its eviction does, so nobody needs to follow that late writer.
    """
    if write.phase not in (COMMITTED, LOST):
        return write
    age = min(write.age + 1, configuration.limit)
    late = age == configuration.limit and configuration.evictions
    return write._replace(age=age, unstamped=0 if late else write.unstamped)


def _later(redis: Redis, old: int) -> Redis:
    """Return Redis one tick later; what everybody must see by now needs no confirmation any more."""
    return redis._replace(fence=max(redis.fence - 1, 0), confirmed=redis.confirmed & ~old)


def evictions(state: State, configuration: Configuration) -> Iterator[Step]:
    """Yield the loss of each key, and of all. What Redis has confirmed stays promised."""
    if not configuration.evictions:
        return
    redis = state.redis
    for column, stamp in enumerate(redis.stamps):
        if stamp != NO_STAMP:
            words = "the epoch" if column == configuration.tags else f"the stamp of tag {column}"
            evicted = redis._replace(stamps=replaced(redis.stamps, column, NO_STAMP))
            yield f"Redis evicts {words}", state._replace(redis=evicted)
    if redis.entry:
        yield "Redis evicts the entry", state._replace(redis=redis._replace(entry=None))
    if redis.position != NO_POSITION:
        yield "Redis evicts the position", state._replace(redis=redis._replace(position=NO_POSITION))
    if redis.fence:
        yield "Redis evicts the fence", state._replace(redis=redis._replace(fence=0))
    emptied = Redis(stamps=(NO_STAMP,) * len(redis.stamps), confirmed=redis.confirmed)
    yield "Redis is emptied", state._replace(redis=emptied)


def copies(state: State, configuration: Configuration) -> Iterator[Step]:
    """Yield the saving of a copy, a restart from it, and a failover, after which each host may be reached again."""
    if not configuration.copies:
        return
    yield "a copy of Redis is saved", state._replace(copy=state.redis)
    if state.copy:
        writes = tuple(
            _disconnected(write, tags) for write, tags in zip(state.writes, configuration.writes, strict=True)
        )
        restored = state._replace(redis=state.copy, writes=writes)
        yield "Redis restarts from the copy", restored
        yield "the other Redis takes over", restored._replace(copy=state.redis)


def _disconnected(write: Write, tags: int) -> Write:
    """Return the write after its connection broke: a pipeline that was under way is never confirmed."""
    under_way = write.phase == COMMITTED and write.unstamped != tags
    return write._replace(unstamped=0) if under_way else write


def backups(state: State, configuration: Configuration) -> Iterator[Step]:
    """Yield the setting back of the database, once, to before any of its writes; open transactions end."""
    if not configuration.backups or lost(state.writes):
        return
    for kept, write in enumerate(state.writes):
        if write.phase == UNBEGUN:
            break
        before = tuple(Write(ROLLED_BACK) if early.phase == OPEN else early for early in state.writes[:kept])
        after = tuple(Write() if late.phase == UNBEGUN else Write(LOST) for late in state.writes[kept:])
        set_back = state._replace(writes=before + after, horizon=min(state.horizon, kept))
        yield f"the database is set back to a backup from before write {kept}", set_back
