from dataclasses import replace
from datetime import time
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from attendance.timetable.made_up_university import DAY
from attendance.timetable.slots import DayPlan, Slot, slot_grid

MINUTES = st.integers(0, 24 * 60 - 1)


def clock(minutes: int) -> time:
    return time(*divmod(minutes, 60))


def minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute


@st.composite
def day_plans(draw: st.DrawFn) -> DayPlan:
    edges = sorted(draw(st.sets(MINUTES, min_size=4, max_size=4)))
    keeps_lunch = draw(st.booleans())
    return DayPlan(
        working_days=draw(st.integers(1, 7)),
        slots_per_day=draw(st.integers(1, 24)),
        start_time=clock(edges[0]),
        end_time=clock(edges[3]),
        slot_duration_minutes=draw(st.integers(5, 240)),
        lunch=(clock(edges[1]), clock(edges[2])) if keeps_lunch else None,
    )


def fitting(start: time, end: time, plan: DayPlan) -> int:
    return (minutes(end) - minutes(start)) // plan.slot_duration_minutes


def slots_of_day(plan: DayPlan, weekday: int = 0) -> list[Slot]:
    return [slot for slot in slot_grid(plan) if slot.weekday == weekday]


@given(day_plans())
def test_there_are_as_many_slots_as_wanted_or_as_fit_around_lunch(plan: DayPlan) -> None:
    parts = [(plan.start_time, plan.end_time)]
    if plan.lunch:
        parts = [(plan.start_time, plan.lunch[0]), (plan.lunch[1], plan.end_time)]
    most = sum(fitting(start, end, plan) for start, end in parts)
    assert len(slots_of_day(plan)) == min(plan.slots_per_day, most)


@given(day_plans())
def test_every_slot_is_whole_inside_the_day_and_outside_lunch(plan: DayPlan) -> None:
    for slot in slot_grid(plan):
        assert minutes(slot.ends_at) - minutes(slot.starts_at) == plan.slot_duration_minutes
        assert plan.start_time <= slot.starts_at
        assert slot.ends_at <= plan.end_time
        assert plan.lunch is None or slot.ends_at <= plan.lunch[0] or slot.starts_at >= plan.lunch[1]


@given(day_plans())
def test_slots_follow_each_other_and_no_two_overlap(plan: DayPlan) -> None:
    day = slots_of_day(plan)
    assert [slot.position for slot in day] == list(range(1, len(day) + 1))
    assert all(earlier.ends_at <= later.starts_at for earlier, later in pairwise(day))


@given(day_plans())
def test_every_working_day_has_the_same_hours(plan: DayPlan) -> None:
    monday = [slot[1:] for slot in slots_of_day(plan)]
    assert [[slot[1:] for slot in slots_of_day(plan, day)] for day in range(plan.working_days)] == [
        monday
    ] * plan.working_days
    assert {slot.weekday for slot in slot_grid(plan)} <= set(range(plan.working_days))


def test_lunch_takes_no_slot_away_while_the_day_has_room() -> None:
    assert len(slots_of_day(replace(DAY, lunch=None))) == len(slots_of_day(DAY)) == DAY.slots_per_day


def test_the_university_has_eight_hours_on_six_days() -> None:
    assert len(slot_grid(DAY)) == 48
    assert [slot.starts_at.hour for slot in slots_of_day(DAY)] == [8, 9, 10, 11, 13, 14, 15, 16]
