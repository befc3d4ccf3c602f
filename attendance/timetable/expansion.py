"""From the weekly pattern of a meeting to the instants at which it happens."""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo


class Occurrence(NamedTuple):
    """One hour of a pattern: the day it stands for, and its start and end in UTC."""

    planned_day: date
    starts_at: datetime
    ends_at: datetime


def monday_of(day: date) -> date:
    """Return the Monday of the calendar week (ISO 8601) that holds the day."""
    return day - timedelta(days=day.weekday())


def last_day_of(*, first_day: date, weeks: int) -> date:
    """Return the Sunday that ends a term of so many calendar weeks, the week of the first day included."""
    return monday_of(first_day) + timedelta(weeks=weeks, days=-1)


def instant(day: date, clock_time: time, zone: ZoneInfo) -> datetime:
    """Return the instant, in UTC, at which the clocks of a zone show a time on a day.

    A time that the spring change skips is read with the offset that held before it, so it moves forward by the length
    of the gap; of a time that the autumn change repeats, the first is meant (PEP 495, fold 0).
    """
    return datetime.combine(day, clock_time.replace(fold=0), tzinfo=zone).astimezone(UTC)


def expand(
    *, first_day: date, weeks: str, weekday: int, starts_at: time, minutes: int, zone: ZoneInfo
) -> list[Occurrence]:
    """Return the hours of a weekly meeting in order of time.

    Args:
        first_day: first day of the term; its calendar week is the first one, and days before it are left out.
        weeks: one digit per calendar week of the term, 1 when the meeting happens in it.
        weekday: Monday = 0 to Sunday = 6.
        starts_at: what the clock on the wall shows at the start, in every week.
        minutes: real length, also across a change of the clocks.
        zone: whose wall that is.
    """
    length = timedelta(minutes=minutes)
    monday = monday_of(first_day)
    days = [monday + timedelta(weeks=week, days=weekday) for week, meets in enumerate(weeks) if meets == "1"]
    starts = [(day, instant(day, starts_at, zone)) for day in days if day >= first_day]
    return [Occurrence(day, start, start + length) for day, start in starts]
