"""The only source of time: every module asks here, so tests can set the clock and caches can know that it was read."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return timezone.now()


def today(zone: ZoneInfo) -> date:
    """Return the calendar day that the given time zone has now."""
    return now().astimezone(zone).date()
