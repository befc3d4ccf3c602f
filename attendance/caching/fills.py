"""Fills: loading a value while watching what it depends on besides rows, which is the clock.

A value that was made by looking at the clock changes without any write. Its loader has to say when: at the next moment
at which the result could be another one. The entry dies at the earliest of these.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime


class UndeclaredClockError(Exception):
    """A loader read the clock and did not say until when its result is valid."""


@dataclass
class Fill:
    """One loading under way: whether it read the clock, and until when it said that its result is valid."""

    read_clock: bool = False
    boundaries: list[datetime] = field(default_factory=list)

    @property
    def valid_until(self) -> datetime | None:
        """The earliest moment at which the value could be another one."""
        return min(self.boundaries, default=None)


_present: ContextVar[Fill | None] = ContextVar("fill", default=None)


def note_clock_read() -> None:
    """Remember that the loader under way read the clock; the clock calls this."""
    fill = _present.get()
    if fill is not None:
        fill.read_clock = True


def valid_until(moment: datetime) -> None:
    """Declare, inside a loader, that its result could be another one from that moment on."""
    fill = _present.get()
    if fill is not None:
        fill.boundaries.append(moment)


def depends_on(moment: datetime | None) -> None:
    """Let the loader under way end with another value that it was made of; None when that one has no boundary."""
    if moment is not None:
        valid_until(moment)


def run(load: Callable[[], bytes]) -> tuple[bytes, Fill]:
    """Return what a loader returns, and what it depended on.

    Raises:
        UndeclaredClockError: it read the clock and declared nothing.
    """
    fill = Fill()
    token = _present.set(fill)
    try:
        value = load()
    finally:
        _present.reset(token)
    depends_on(fill.valid_until)
    if fill.read_clock and not fill.boundaries:
        raise UndeclaredClockError("A cached loader read the clock without `valid_until`.")
    return value, fill
