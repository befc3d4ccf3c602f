from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from attendance.timetable.expansion import Occurrence, expand, instant, last_day_of, monday_of

PRAGUE = ZoneInfo("Europe/Prague")
ZONES = [PRAGUE, *map(ZoneInfo, ["UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])]

days = st.dates(date(2000, 1, 1), date(2037, 1, 1))
patterns = st.text("01", min_size=1, max_size=60)
weekdays = st.integers(0, 6)
clock_times = st.times().map(lambda moment: moment.replace(microsecond=0))
lengths = st.integers(1, 600)
zones = st.sampled_from(ZONES)


def prague(*, first_day: date, weeks: str, starts_at: time, weekday: int = 6) -> list[Occurrence]:
    return expand(first_day=first_day, weeks=weeks, weekday=weekday, starts_at=starts_at, minutes=90, zone=PRAGUE)


def test_a_pattern_becomes_one_hour_for_each_week_with_a_one() -> None:
    hours = prague(first_day=date(2026, 9, 14), weeks="1011", starts_at=time(9), weekday=1)
    assert hours == [
        Occurrence(
            day,
            datetime(2026, day.month, day.day, 7, tzinfo=UTC),
            datetime(2026, day.month, day.day, 8, 30, tzinfo=UTC),
        )
        for day in (date(2026, 9, 15), date(2026, 9, 29), date(2026, 10, 6))
    ]


def test_nine_on_the_wall_stays_nine_when_the_clocks_change() -> None:
    hours = prague(first_day=date(2026, 10, 19), weeks="11", starts_at=time(9), weekday=0)
    assert [hour.starts_at.hour for hour in hours] == [7, 8]


def test_a_start_that_spring_skips_moves_forward_by_the_gap() -> None:
    [skipped] = prague(first_day=date(2026, 3, 23), weeks="1", starts_at=time(2, 30))
    assert skipped.planned_day == date(2026, 3, 29)
    assert skipped.starts_at.astimezone(PRAGUE).time() == time(3, 30)


def test_of_a_start_that_autumn_repeats_the_first_is_meant() -> None:
    [repeated] = prague(first_day=date(2026, 10, 19), weeks="1", starts_at=time(2, 30))
    assert repeated.starts_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_an_hour_across_the_change_keeps_its_real_length() -> None:
    [across] = prague(first_day=date(2026, 3, 23), weeks="1", starts_at=time(1, 30))
    assert across.ends_at.astimezone(PRAGUE).time() == time(4, 0)


def test_days_of_the_first_week_before_the_first_day_are_left_out() -> None:
    wednesday = date(2026, 9, 16)
    hours = prague(first_day=wednesday, weeks="111", starts_at=time(9), weekday=0)
    assert [hour.planned_day for hour in hours] == [date(2026, 9, 21), date(2026, 9, 28)]


def test_a_term_ends_on_the_sunday_of_its_last_week() -> None:
    assert last_day_of(first_day=date(2026, 9, 16), weeks=2) == date(2026, 9, 27)


@given(days, patterns, weekdays, clock_times, lengths, zones)
def test_every_hour_stands_on_its_weekday_in_a_week_with_a_one(
    first_day: date, weeks: str, weekday: int, starts_at: time, minutes: int, zone: ZoneInfo
) -> None:
    hours = expand(first_day=first_day, weeks=weeks, weekday=weekday, starts_at=starts_at, minutes=minutes, zone=zone)
    planned = [hour.planned_day for hour in hours]
    assert planned == sorted(set(planned))
    assert all(day.weekday() == weekday and day >= first_day for day in planned)
    assert all(weeks[(day - monday_of(first_day)).days // 7] == "1" for day in planned)
    assert weeks.count("1") - len(planned) == (weeks[0] == "1" and weekday < first_day.weekday())


@given(days, weekdays, clock_times, lengths, zones)
def test_every_hour_shows_its_start_on_the_wall_and_lasts_its_minutes(
    first_day: date, weekday: int, starts_at: time, minutes: int, zone: ZoneInfo
) -> None:
    hours = expand(
        first_day=first_day, weeks="1" * 60, weekday=weekday, starts_at=starts_at, minutes=minutes, zone=zone
    )
    for hour in hours:
        assert hour.ends_at - hour.starts_at == timedelta(minutes=minutes)
        wall = hour.starts_at.astimezone(zone).replace(tzinfo=None)
        moved = wall - datetime.combine(hour.planned_day, starts_at)
        assert moved == timedelta(0) or _in_a_gap(hour.planned_day, starts_at, zone, moved)


def _in_a_gap(day: date, starts_at: time, zone: ZoneInfo, moved: timedelta) -> bool:
    """Say whether the zone's clocks jump over that time, by as much as the hour was moved."""
    before, after = (datetime.combine(day, starts_at.replace(fold=fold), tzinfo=zone).utcoffset() for fold in (0, 1))
    assert before is not None
    assert after is not None
    return after - before == moved > timedelta(0)


def test_a_pattern_means_the_first_of_two_equal_hours_whatever_its_fold() -> None:
    prague, spring = ZoneInfo("Europe/Prague"), date(2000, 3, 26)
    assert instant(spring, time(2, 0, fold=1), prague) == instant(spring, time(2, 0), prague)
