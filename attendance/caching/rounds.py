"""Rounds: whoever runs one carries what the outbox tells over to the stamps, and says until when that may be trusted.

The invariant kept here is the *fence*: while it stands, every commit older than L is reflected in the stamps. It is set
to end L after a moment of Redis's own clock that was read before the database was asked; a round that was frozen in the
middle therefore sets a fence that is over already.
"""

import threading
from datetime import timedelta

from redis.exceptions import ResponseError

from attendance.caching import keys, stamps
from attendance.caching.outbox import News, changes_since

L = timedelta(seconds=2)
_L_MS = int(L.total_seconds() * 1000)

# Nothing happens unless the position is still the one this round began from: of two rounds that overlap, the one that
# comes second knows nothing of what the first one did. An expected position of '' means that there was none.
_APPLY = """
local position, epoch, fence = KEYS[1], KEYS[2], KEYS[3]
if (redis.call('GET', position) or '') ~= ARGV[1] then return 0 end
for place = 4, #KEYS do
    redis.call('SET', KEYS[place], ARGV[place + 2], 'PX', ARGV[4], 'XX')
end
if ARGV[5] ~= '' then redis.call('SET', epoch, ARGV[5]) end
redis.call('SET', position, ARGV[2])
redis.call('SET', fence, '1', 'PXAT', ARGV[3])
return 1
"""

PATIENCE = 0.05
"""Seconds that a request waits for a round of its own process before it reads the database."""
_one_at_a_time = threading.Lock()


def run_now() -> bool:
    """Run one round and return whether it was applied; two round trips to Redis and one statement.

    When the position is missing in Redis, behind the horizon or of another history, nobody can tell what changed: a
    new epoch then ends all entries at once.

    Raises:
        RedisError: Redis does not answer.
    """
    seconds, microseconds, known = _begin()
    news = changes_since(known.decode(errors="replace"))
    return _apply(known, news, fence_until=seconds * 1000 + microseconds // 1000 + _L_MS)


def _begin() -> tuple[int, int, bytes]:
    """Return the time of Redis, in seconds and microseconds, and the position, empty when there is none."""
    try:
        return _time_and_position()
    except ResponseError:  # The position is not even text: somebody else's, and worth nothing.
        stamps.trip(("DEL", keys.position()))
        return _time_and_position()


def _time_and_position() -> tuple[int, int, bytes]:
    (seconds, microseconds), known = stamps.trip(("TIME",), ("GET", keys.position()))
    return int(seconds), int(microseconds), known or b""


def _apply(known: bytes, news: News, *, fence_until: int) -> bool:
    changed = () if news.lost else news.changes
    epoch = stamps.new_stamp("lost").decode() if news.lost else ""
    names = [keys.position(), keys.epoch(), keys.fence(), *keys.stamps(change.tag for change in changed)]
    made = [stamps.new_stamp(change.cause) for change in changed]
    life = int(stamps.LIFE.total_seconds() * 1000)
    return bool(stamps.run_script(_APPLY, names, known, news.position, fence_until, life, epoch, *made))


def try_one() -> bool:
    """Run a round for a request that found no fence; return False when another one of this process takes too long."""
    if not _one_at_a_time.acquire(timeout=PATIENCE):
        return False
    try:
        return is_fresh() or run_now()
    finally:
        _one_at_a_time.release()


def is_fresh() -> bool:
    """Say whether the fence was set less than a quarter of L ago, so that another round would be idle."""
    [left] = stamps.trip(("PTTL", keys.fence()))
    return int(left) > _L_MS * 3 // 4
