"""What an administrator sets up: the institution itself, its departments, rooms, terms and holidays."""

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from attendance import clock
from attendance.models import AttendanceSession, Department, Holiday, Lecture, Organisation, Room, Term, User
from attendance.queries.holidays import lectures_within
from attendance.services.policies import policy_recorded
from attendance.services.refusals import Refusal

Row = TypeVar("Row", bound=Model)


def update_institution(*, organisation: Organisation, actor: User, fields: Mapping[str, Any]) -> Organisation:
    """Change these columns of the organisation, and return it; a policy that changes is an act of the record.

    Raises:
        Refusal: a threshold or a length that the table does not take.
    """
    with policy_recorded(organisation, actor=actor):
        return _stored(organisation, fields, _("These numbers do not go together. Nothing was changed."))


def save_department(*, organisation: Organisation, department: Department | None, name: str) -> Department:
    """Make a department, or rename the one given, and return it.

    Raises:
        Refusal: another department has that name.
    """
    row = department or Department(organisation=organisation)
    return _stored(row, {"name": name}, _taken(name))


def save_room(*, organisation: Organisation, room: Room | None, name: str, capacity: int | None) -> Room:
    """Make a room, or change the one given, and return it.

    Raises:
        Refusal: another room has that name.
    """
    row = room or Room(organisation=organisation)
    return _stored(row, {"name": name, "capacity": capacity}, _taken(name))


def archive_room(*, room: Room) -> None:
    """Offer the room for no further lecture; those planned in it stay there."""
    Room.objects.filter(pk=room.pk, archived_at__isnull=True).update(archived_at=clock.now())


def restore_room(*, room: Room) -> None:
    """Offer an archived room again."""
    Room.objects.filter(pk=room.pk).update(archived_at=None)


def save_term(*, organisation: Organisation, term: Term | None, name: str, first_day: date, last_day: date) -> Term:
    """Make a term, or change the one given, and return it.

    Raises:
        Refusal: it ends before it begins, another one has that name, or a lecture would lie outside.
    """
    if last_day < first_day:
        raise Refusal(_("The term ends before it begins. Choose a later last day."))
    row = term or Term(organisation=organisation)
    if row.pk and _lectures_outside(row, organisation, first_day, last_day):
        raise Refusal(_("Lectures of this term lie outside these days. Move or cancel them first."))
    return _stored(row, {"name": name, "first_day": first_day, "last_day": last_day}, _taken(name))


def _lectures_outside(term: Term, organisation: Organisation, first_day: date, last_day: date) -> bool:
    planned = Lecture.objects.filter(offering__term=term, cancelled_at__isnull=True)
    within = lectures_within(organisation, first_day, last_day)
    return planned.exclude(pk__in=within.values("pk")).exists()


def save_holiday(
    *, organisation: Organisation, holiday: Holiday | None, name: str, first_day: date, last_day: date
) -> Holiday:
    """Make a holiday, or change the one given, and return it; lectures on its days stay until they are cancelled.

    Raises:
        Refusal: it ends before it begins, or stands in the calendar already.
    """
    if last_day < first_day:
        raise Refusal(_("The holiday ends before it begins. Choose a later last day."))
    row = holiday or Holiday(organisation=organisation)
    return _stored(row, {"name": name, "first_day": first_day, "last_day": last_day}, _taken(name))


def delete_holiday(*, holiday: Holiday) -> None:
    """Take a holiday out of the calendar; lectures that were cancelled for it stay cancelled."""
    holiday.delete()


def cancel_lectures_on(*, holiday: Holiday) -> int:
    """Cancel the lectures on the days of a holiday and return how many; those with open check-in stay."""
    open_now = AttendanceSession.objects.filter(closed_at__isnull=True).values("lecture")
    lectures = lectures_within(holiday.organisation, holiday.first_day, holiday.last_day)
    with transaction.atomic():
        return lectures.filter(cancelled_at__isnull=True).exclude(pk__in=open_now).update(cancelled_at=clock.now())


def _stored(row: Row, fields: Mapping[str, Any], refusal: str) -> Row:
    """Store a row with these columns, and return it; what the table does not take is refused with that sentence."""
    for name, value in fields.items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Refusal(refusal) from error
    return row


def _taken(name: str) -> str:
    return _("%(name)s is there already.") % {"name": name}
