"""Lines to Redis: one connection per thread, taken from the pool of django-redis once and kept.

Taking one from the pool and giving it back at each trip costs as much as the trip itself. A line that Redis has closed
meanwhile, because it was restarted for instance, is opened again before it is used; so is one from before a fork. That
of a thread that ends is closed by redis-py, when nobody holds it any more.
"""

import os
import threading
from typing import Any

from django_redis import get_redis_connection
from redis.exceptions import ConnectionError as RedisConnectionError


class _Line(threading.local):
    """The connection of one thread, the pool it came from and the process it belongs to."""

    connection: Any = None
    pool: Any = None
    pid: int = 0


_line = _Line()


def connection() -> Any:
    """Return the connection of this thread to the Redis that the settings name, open and with no answer under way.

    Raises:
        RedisError: Redis cannot be reached.
    """
    pool = get_redis_connection("default").connection_pool
    if pool.pid != os.getpid():
        pool.reset()  # It was made before this process was forked.
    # A pool that asks Sentinel disowns lines to whoever is not the master any more.
    if _line.pool is not pool or _line.pid != os.getpid() or not pool.owns_connection(_line.connection):
        if _line.connection is not None and _line.pid == os.getpid():
            _line.connection.disconnect()
        _line.connection, _line.pool, _line.pid = pool.make_connection(), pool, os.getpid()
    line = _line.connection
    if not line.is_connected:
        line.connect()
    elif _is_stale(line):
        line.disconnect()
        line.connect()
    return line


def _is_stale(line: Any) -> bool:
    """Say whether something lies on a line that nobody asked anything on: its end, or an answer that came too late."""
    try:
        return bool(line.can_read(timeout=0))
    except (RedisConnectionError, OSError):
        return True
