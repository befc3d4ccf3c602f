"""An institution with rows in most tables and odd values in many columns, and all that is kept, to be compared."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType

from attendance import clock
from attendance.archives.backups import Backup, TableEntry
from attendance.models import (
    Attendance,
    AttendanceEvent,
    CheckInAttempt,
    Device,
    Enrolment,
    Holiday,
    Import,
    ImportRow,
    Lecture,
    Meeting,
    Organisation,
    Request,
    Room,
    Section,
    User,
)
from attendance.queries.tables import tables_kept
from attendance.services.attendance_sessions import open_session
from attendance.services.invitations import invite
from attendance.services.register import Mark, mark_register
from attendance.services.sealing import seal
from tests.cast import Campus
from tests.sign_in.acts import with_password

ODD = "‏مختبر \"'\\ =1 \u2028 é e\u0301 😀\nline\r\nend\t"
A_MOMENT = datetime(2026, 9, 14, 7, 0, 0, 123456, tzinfo=UTC)


def fill_tables(campus: Campus) -> None:
    """Store rows of nearly every kind."""
    _timetable(campus)
    _record(campus)
    seal()
    _people(campus)
    _imports(campus)
    Organisation.objects.filter(pk=campus.organisation.pk).update(
        parent=campus.foreign_admin.organisation, campus_networks=["192.0.2.0/24"]
    )
    Room.objects.create(organisation=campus.organisation, name=ODD[:100], capacity=None, archived_at=A_MOMENT)


def _timetable(campus: Campus) -> None:
    seminar = Section.objects.create(offering=campus.offering, name="Seminar A", limit=20)
    for enrolment in Enrolment.objects.all():
        enrolment.sections.add(seminar)
    weekly = Meeting.objects.create(
        offering=campus.offering, section=seminar, weekday=0, starts_at=time(9, 0, 30), minutes=45, weeks="0110"
    )
    Lecture.objects.create(
        organisation=campus.organisation,
        offering=campus.offering,
        section=seminar,
        meeting=weekly,
        planned_day=date(2026, 9, 14),
        starts_at=A_MOMENT,
        ends_at=A_MOMENT + timedelta(minutes=45),
        topic=ODD,
    )
    Holiday.objects.create(
        organisation=campus.organisation, name="Easter", first_day=date(2026, 4, 3), last_day=date(2026, 4, 6)
    )


def _record(campus: Campus) -> None:
    open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    marks = [Mark(campus.amira.pk, "present", 0), Mark(campus.bilal.pk, "absent", 0)]
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=marks, reason=ODD)
    mark_register(lecture=campus.lecture, actor=campus.kwame, marks=[Mark(campus.bilal.pk, "late", 1)])
    attempt = CheckInAttempt.objects.create(
        organisation=campus.organisation,
        student=campus.amira,
        lecture=campus.lecture,
        outcome=CheckInAttempt.Outcome.CHECKED_IN,
        scanned_at=A_MOMENT,
        said_at=A_MOMENT,
        device=Device.objects.create(student=campus.amira, key_hash="f" * 64, public_key=bytes(range(91)), browser="é"),
        device_proof=CheckInAttempt.DeviceProof.NEW,
        on_campus=False,
        address_hash="0" * 64,
    )
    Request.objects.create(
        organisation=campus.organisation,
        student=campus.amira,
        kind=Request.Kind.CLAIM,
        lecture=campus.lecture,
        attempt=attempt,
        wanted_status="present",
        reason=ODD,
    )


def _people(campus: Campus) -> None:
    with_password(campus.ines)
    User.objects.filter(pk=campus.ines.pk).update(last_login=A_MOMENT, department=campus.department)
    clerks = Group.objects.create(name="Clerks")
    clerks.permissions.add(Permission.objects.get(codename="view_room"))
    campus.admin.groups.add(clerks)
    campus.admin.user_permissions.add(Permission.objects.get(codename="change_room"))
    invite(organisation=campus.organisation, email="n@x.example", role=User.Role.TEACHER, invited_by=campus.admin)
    LogEntry.objects.create(
        user=campus.admin,
        content_type=ContentType.objects.get_for_model(Room),
        object_id=str(campus.room.pk),
        object_repr=ODD,
        action_flag=ADDITION,
        change_message='[{"added": {}}]',
    )


def _imports(campus: Campus) -> None:
    applied = Import.objects.create(
        organisation=campus.organisation,
        source=Import.Source.CSV,
        file_name="rooms.csv",
        state=Import.State.APPLIED,
        applied_by=campus.admin,
        applied_at=clock.now(),
        counts={"room": {"new": 44, "same": 1}},
        notes=[ODD, None, 1.5],
    )
    ImportRow.objects.create(of=applied, action="new", key=["x"], after={"name": ODD, "seats": None})
    ImportRow.objects.create(of=applied, action="refused", key=[], reason="a text", before=[])


# --- Looking ----------------------------------------------------------------------------------------------------------


def all_that_is_kept() -> Mapping[str, list[dict[str, Any]]]:
    """Return every row of every table that a backup holds."""
    return {model._meta.label: list(model._base_manager.order_by("pk").values()) for model in tables_kept()}


def contents_of(path: Path) -> list[TableEntry]:
    """Return what a backup says of its tables; two that say the same hold the same rows."""
    with Backup(path) as backup:
        backup.check_tables()
        return backup.tables


def silent(_table: str, _rows: int) -> None:
    """Hear of progress and say nothing."""


def spoil(campus: Campus) -> None:
    """Change, add and take away rows of many tables, as the days after a backup do."""
    Attendance.objects.filter(student=campus.amira).update(status="absent", event=None)
    mark_register(lecture=campus.lecture, actor=campus.kwame, marks=[Mark(campus.bilal.pk, "excused", 2)])
    Request.objects.all().delete()
    Room.objects.filter(pk=campus.room.pk).update(name="Renamed")
    Room.objects.create(organisation=campus.organisation, name="New")
    Holiday.objects.all().delete()
    with_password(campus.bilal)
    assert AttendanceEvent.objects.count() == 5
