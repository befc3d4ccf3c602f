"""How an institution cuts its days, and the slots that follow from that."""

from datetime import time

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from attendance.models import Department, Organisation, TimeConfig, TimeSlot
from attendance.services.batches import BATCH
from attendance.services.refusals import Refusal
from attendance.timetable.slots import DayPlan, slot_grid


def save_time_configuration(
    *,
    organisation: Organisation,
    working_days: int,
    slots_per_day: int,
    start_time: time,
    end_time: time,
    slot_duration_minutes: int,
    lunch: tuple[time, time] | None,
) -> TimeConfig:
    """Put a time configuration in force and return it; slots are made anew from it in every department.

    Earlier configurations stay as they were, without slots. `lunch` is from when until when, or None.

    Raises:
        Refusal: the numbers do not make a day, or no slot fits into it.
    """
    plan = DayPlan(
        working_days=working_days,
        slots_per_day=slots_per_day,
        start_time=start_time,
        end_time=end_time,
        slot_duration_minutes=slot_duration_minutes,
        lunch=lunch,
    )
    with transaction.atomic():
        # Two that save at once would each take away the slots they saw; the later one waits for the earlier.
        Organisation.objects.select_for_update().get(pk=organisation.pk)
        config = _stored(organisation, plan)
        _remake_slots(config, plan)
    return config


def _stored(organisation: Organisation, plan: DayPlan) -> TimeConfig:
    lunch_break_start, lunch_break_end = plan.lunch or (None, None)
    fields = {name: value for name, value in vars(plan).items() if name != "lunch"}
    try:
        with transaction.atomic():
            return TimeConfig.objects.create(
                organisation=organisation,
                lunch_break_enabled=plan.lunch is not None,
                lunch_break_start=lunch_break_start,
                lunch_break_end=lunch_break_end,
                **fields,
            )
    except IntegrityError as error:
        raise Refusal(
            _("A day ends after it starts, lunch lies within it, and there are 1 to 7 days and 1 to 24 slots.")
        ) from error


def _remake_slots(config: TimeConfig, plan: DayPlan) -> None:
    grid = slot_grid(plan)
    if not grid:
        raise Refusal(_("No slot of this length fits into the day."))
    TimeSlot.objects.filter(config__organisation=config.organisation_id).delete()
    departments = Department.objects.filter(organisation=config.organisation_id).order_by("pk")
    TimeSlot.objects.bulk_create(
        [
            TimeSlot(config=config, department=department, **slot._asdict())
            for department in departments
            for slot in grid
        ],
        batch_size=BATCH,
    )
