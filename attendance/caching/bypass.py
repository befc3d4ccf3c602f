"""Who reads the database for a while: whoever wrote something that Redis did not confirm.

The mark is kept for the rest of the request here; the product carries it on to the next ones.
"""

from contextvars import ContextVar
from enum import Enum


class Mark(Enum):
    """Whether the present request reads the database, and since when."""

    OFF = "off"
    BROUGHT = "brought along from an earlier request"
    BEGUN = "begun in this request"


_mark: ContextVar[Mark] = ContextVar("bypass", default=Mark.OFF)


def bring() -> None:
    """Read the database in this request because of a write in an earlier one."""
    _mark.set(Mark.BROUGHT)


def begin() -> None:
    """Read the database from here on: a write of this request was not confirmed."""
    _mark.set(Mark.BEGUN)


def end() -> None:
    """Read through the cache again: a new request begins."""
    _mark.set(Mark.OFF)


def is_on() -> bool:
    """Say whether this request reads the database."""
    return _mark.get() is not Mark.OFF


def has_begun_here() -> bool:
    """Say whether a write of this very request was not confirmed."""
    return _mark.get() is Mark.BEGUN
