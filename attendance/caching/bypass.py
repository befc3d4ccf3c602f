"""Who reads the database for a while: whoever wrote something that Redis did not confirm.

The mark is kept for the rest of the request here; the product carries it on to the next ones.
"""

import time
from contextvars import ContextVar
from enum import Enum

LASTS = 3.0
"""Seconds after which a write that Redis did not confirm is known everywhere; L and a little more."""


class Mark(Enum):
    """Whether the present request reads the database, and since when."""

    OFF = "off"
    BROUGHT = "brought along from an earlier request"
    BEGUN = "begun in this request"


_mark: ContextVar[Mark] = ContextVar("bypass", default=Mark.OFF)
_until: ContextVar[float] = ContextVar("bypass_until", default=0.0)


def bring() -> None:
    """Read the database in this request because of a write in an earlier one."""
    _mark.set(Mark.BROUGHT)


def begin() -> None:
    """Read the database for a while: a write of this request, or of a worker without requests, was not confirmed."""
    _mark.set(Mark.BEGUN)
    _until.set(time.monotonic() + LASTS)


def end() -> None:
    """Read through the cache again: a new request begins."""
    _mark.set(Mark.OFF)


def is_on() -> bool:
    """Say whether this request reads the database."""
    if has_begun_here():
        return time.monotonic() < _until.get()
    return _mark.get() is Mark.BROUGHT


def has_begun_here() -> bool:
    """Say whether a write of this very request was not confirmed."""
    return _mark.get() is Mark.BEGUN
