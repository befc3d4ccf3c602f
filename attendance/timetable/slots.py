"""The grid of hours at which an institution teaches: the same on the wall in every department."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time
from typing import NamedTuple


@dataclass(frozen=True, kw_only=True)
class DayPlan:
    """How a working day is cut: the words of `attendance.models.TimeConfig`, without a lunch that is not kept."""

    working_days: int
    slots_per_day: int
    start_time: time
    end_time: time
    slot_duration_minutes: int
    lunch: tuple[time, time] | None = None


class Slot(NamedTuple):
    """One hour of the week: Monday = 0, its place in the day counted from 1, and what the clocks show."""

    weekday: int
    position: int
    starts_at: time
    ends_at: time


def slot_grid(plan: DayPlan) -> list[Slot]:
    """Return the slots of a week in order of time, each as long as the plan says.

    They follow each other from the start of the day. One that would touch lunch comes after it instead, so lunch takes
    no slot away; one that would end after the day is left out, so there may be fewer than `slots_per_day`.
    """
    hours = [(_clock(start), _clock(start + plan.slot_duration_minutes)) for start in _starts(plan)]
    return [
        Slot(weekday, position, starts_at, ends_at)
        for weekday in range(plan.working_days)
        for position, (starts_at, ends_at) in enumerate(hours, start=1)
    ]


def _starts(plan: DayPlan) -> Iterator[int]:
    """Yield the minutes of the day at which slots start."""
    length, moment = plan.slot_duration_minutes, _minutes(plan.start_time)
    lunch = (_minutes(plan.lunch[0]), _minutes(plan.lunch[1])) if plan.lunch else None
    for _slot in range(plan.slots_per_day):
        if lunch and moment < lunch[1] and moment + length > lunch[0]:
            moment = lunch[1]
        if moment + length > _minutes(plan.end_time):
            return
        yield moment
        moment += length


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def _clock(minutes: int) -> time:
    return time(*divmod(minutes, 60))
