from datetime import time
from typing import Any

import pytest

from attendance.models import Department, Organisation, TimeConfig, TimeSlot
from attendance.services.refusals import Refusal
from attendance.services.time_configuration import save_time_configuration
from tests.models.institution import Institution, found_institution

DAY: dict[str, Any] = {
    "working_days": 5,
    "slots_per_day": 8,
    "start_time": time(8),
    "end_time": time(17),
    "slot_duration_minutes": 60,
    "lunch": (time(12), time(13)),
}


@pytest.fixture
def uppsala(db: None) -> Institution:
    """A university with a second department."""
    found = found_institution()
    Department.objects.create(organisation=found.organisation, name="Chemistry")
    return found


def hours_of(department: Department) -> list[tuple[int, int, time, time]]:
    slots = TimeSlot.objects.filter(department=department).order_by("weekday", "position")
    return [(slot.weekday, slot.position, slot.starts_at, slot.ends_at) for slot in slots]


def test_every_department_gets_the_same_slots(uppsala: Institution) -> None:
    config = save_time_configuration(organisation=uppsala.organisation, **DAY)
    biology, chemistry = (hours_of(each) for each in Department.objects.order_by("name"))
    assert biology == chemistry
    assert len(biology) == 5 * 8
    assert biology[4] == (0, 5, time(13), time(14)), "the fifth comes after lunch"
    assert set(TimeSlot.objects.values_list("config", flat=True)) == {config.pk}
    assert (config.lunch_break_enabled, config.lunch_break_start, config.lunch_break_end) == (True, time(12), time(13))


def test_the_newest_configuration_has_the_slots_and_earlier_ones_are_kept(uppsala: Institution) -> None:
    first = save_time_configuration(organisation=uppsala.organisation, **DAY)
    second = save_time_configuration(organisation=uppsala.organisation, **DAY | {"working_days": 6, "lunch": None})
    assert list(TimeConfig.objects.all()) == [second, first]
    assert (second.lunch_break_enabled, second.lunch_break_start) == (False, None)
    assert TimeSlot.objects.filter(config=second).count() == TimeSlot.objects.count() == 2 * 6 * 8


def test_another_institution_keeps_its_own(uppsala: Institution) -> None:
    lund = found_institution("lund").organisation
    theirs = save_time_configuration(organisation=lund, **DAY)
    save_time_configuration(organisation=uppsala.organisation, **DAY)
    save_time_configuration(organisation=uppsala.organisation, **DAY)
    assert TimeSlot.objects.filter(config=theirs).count() == 5 * 8


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"end_time": time(8)}, "A day ends after it starts, lunch lies within it, and there are 1 to 7 days"),
        ({"working_days": 0}, "A day ends after it starts"),
        ({"lunch": (time(7), time(9))}, "lunch lies within it"),
        ({"lunch": (time(13), time(12))}, "lunch lies within it"),
        ({"slot_duration_minutes": 600}, "No slot of this length fits into the day."),
    ],
)
def test_what_makes_no_day_is_refused_and_leaves_everything_as_it_was(
    uppsala: Institution, changed: dict[str, Any], sentence: str
) -> None:
    save_time_configuration(organisation=uppsala.organisation, **DAY)
    slots = list(TimeSlot.objects.values_list("pk", flat=True))
    with pytest.raises(Refusal, match=sentence):
        save_time_configuration(organisation=uppsala.organisation, **DAY | changed)
    assert TimeConfig.objects.count() == 1
    assert list(TimeSlot.objects.values_list("pk", flat=True)) == slots
    assert Organisation.objects.count() == 1
