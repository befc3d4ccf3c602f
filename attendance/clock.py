"""The only source of time: every module asks here, so tests can set the clock and caches can know that it was read."""

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

_listeners: list[Callable[[], None]] = []


def listen(listener: Callable[[], None]) -> None:
    """Have a function called whenever the clock is read."""
    _listeners.append(listener)


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    for listener in _listeners:
        listener()
    return timezone.now()


def today(zone: ZoneInfo) -> date:
    """Return the calendar day that the given time zone has now."""
    return now().astimezone(zone).date()
