"""Marks: each that is imported, changed or taken back is an event, as any mark is."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from attendance.importers.records import Kind, Value
from attendance.models import Attendance, AttendanceEvent, User
from attendance.services.events import EventDraft, record
from attendance.services.importing.tables.base import (
    BATCH,
    Fields,
    Key,
    Known,
    Objection,
    Reference,
    Table,
    of_own_people,
)
from attendance.services.importing.tables.hours import in_utc, normal_lecture_key, on_the_clock


class MarkTable(Table[Attendance]):
    """The current mark of a student in a lecture; an empty status is a mark that was taken back."""

    kind = Kind.MARK
    model = Attendance
    required = ("status",)

    def stored(self, known: Known) -> Iterable[Attendance]:
        rows = Attendance.objects.filter(lecture__offering__in=known.offerings())
        return of_own_people(rows, "student", known)

    def key(self, row: Attendance, known: Known) -> Key:
        return (*known.key_of(Kind.LECTURE, row.lecture_id), *known.key_of(Kind.PERSON, row.student_id))

    def fields(self, row: Attendance, known: Known) -> Fields:
        return {
            "status": row.status,
            "at": row.recorded_at.astimezone(UTC).isoformat() if row.status and row.recorded_at else None,
        }

    def normal(self, key: Key, fields: Mapping[str, Value], known: Known) -> tuple[Key, Fields]:
        own, zone = dict(fields), known.zone
        if own.get("at"):
            own["at"] = in_utc(str(own["at"]), zone)
        return (*normal_lecture_key(key[:4], zone), key[4]), own

    def references(self, key: Key, fields: Fields) -> Iterator[Reference]:
        yield Reference("course", Kind.OFFERING, key[:2])
        yield Reference("planned_for", Kind.LECTURE, key[:4])
        yield Reference("number", Kind.PERSON, key[4:])
        yield Reference("number", Kind.ENROLMENT, (*key[:2], key[4]))

    def objection(self, key: Key, fields: Fields, before: Fields | None, known: Known) -> Objection | None:
        lecture = known.fields(Kind.LECTURE)[key[:4]]
        if lecture["cancelled"] and key[:4] in known.rows(Kind.LECTURE):  # A new one comes with its history.
            return Objection("planned_for", _("This lecture was cancelled, so it has no register."))
        enrolment = known.fields(Kind.ENROLMENT)[*key[:2], key[4]]
        day = on_the_clock(datetime.fromisoformat(str(lecture["starts_at"])), known.zone)[:10]
        in_time = str(enrolment["from_day"] or "") <= day <= str(enrolment["until_day"] or "9")
        sections = enrolment["sections"]
        if not in_time or (key[2] and isinstance(sections, list) and key[2] not in sections):
            return Objection("number", _("“%(number)s” was not expected in this lecture.") % {"number": key[4]})
        return None

    def changes(self, before: Fields, fields: Fields) -> Fields:
        """Take a mark that says the same as no change, also where it was given at another time."""
        return {} if before["status"] == fields.get("status", before["status"]) else fields

    def ending(self, fields: Fields, known: Known) -> Fields | None:
        return {"status": ""}

    def make(self, key: Key, fields: Fields, known: Known) -> Attendance:
        return Attendance(lecture=known.row(Kind.LECTURE, key[:4]), student=known.row(Kind.PERSON, key[4:]))

    def change(self, row: Attendance, fields: Fields, known: Known) -> list[str]:
        row.status = str(fields["status"])
        row.recorded_at = datetime.fromisoformat(str(fields["at"])) if fields.get("at") else known.moment
        row.version += 1
        return ["status", "recorded_at", "version", "event"]

    def store(self, rows: Sequence[tuple[Attendance, Fields]], known: Known) -> None:
        ordered = self._recorded(rows, known)
        Attendance.objects.bulk_create(ordered, batch_size=BATCH)

    def store_changes(self, rows: Sequence[tuple[Attendance, Fields]], known: Known) -> None:
        ordered = self._recorded(rows, known)
        Attendance.objects.bulk_update(ordered, ["status", "recorded_at", "version", "event"], batch_size=200)

    def delete(self, rows: Sequence[Attendance], known: Known) -> None:
        """Take marks back; the record keeps that they were there."""
        self.store_changes([(row, {"status": ""}) for row in rows], known)

    def _recorded(self, rows: Sequence[tuple[Attendance, Fields]], known: Known) -> list[Attendance]:
        """Write an event for each mark, in the order of their moments, and return the rows as they follow from them."""
        actor = known.answerable()
        ordered = sorted(rows, key=lambda each: str(each[1].get("at") or ""))
        before = [row.status for row, _fields in ordered]
        for row, fields in ordered:
            self.change(row, fields, known)
            if row.lecture_id is not None:
                row.lecture = known.row(Kind.LECTURE, known.key_of(Kind.LECTURE, row.lecture_id))
        drafts = (
            _draft(row, fields, status, actor, known.moment)
            for (row, fields), status in zip(ordered, before, strict=True)
        )
        for (row, _fields), event in zip(ordered, record(drafts), strict=True):
            row.event = event
        return [row for row, _fields in ordered]


def _draft(row: Attendance, fields: Fields, before: str, actor: User, moment: datetime) -> EventDraft:
    return EventDraft(
        kind=AttendanceEvent.Kind.MARKED,
        lecture=row.lecture,
        actor=actor,
        method=AttendanceEvent.Method.IMPORT,
        received_at=moment,
        scanned_at=row.recorded_at if fields.get("at") else None,
        student_id=row.student_id or row.student.pk,  # The row may have been built before its student was stored.
        from_status=before,
        to_status=row.status,
    )
