"""Who reads the database for a while: whoever wrote something that Redis did not confirm.

The mark is kept for the rest of the request here; the middleware carries it on to the next ones in a cookie.
"""

from contextvars import ContextVar

_marked: ContextVar[bool] = ContextVar("bypass", default=False)


def begin() -> None:
    """Read the database from here on, in this request."""
    _marked.set(True)


def end() -> None:
    """Read through the cache again: a new request begins."""
    _marked.set(False)


def is_on() -> bool:
    """Say whether this request reads the database."""
    return _marked.get()
