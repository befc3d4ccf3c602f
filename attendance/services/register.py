"""Marking the register: every change is an event, and a change made elsewhere meanwhile is never overwritten."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from attendance import clock
from attendance.models import Attendance, AttendanceEvent, Lecture, Status, User
from attendance.queries.rosters import roster_of
from attendance.services.events import EventDraft, record
from attendance.services.refusals import Refusal

MAXIMUM_REASON = 500


@dataclass(frozen=True)
class Mark:
    """What the register shall say of one student: a `Status` value, or empty to take a mark back.

    `seen_version` is the version of the row that the writer had before the eyes; 0 when there was none.
    """

    student_id: int
    status: str
    seen_version: int


@dataclass(frozen=True)
class Outcome:
    """Which students were changed, by which events, and who was left because somebody else was faster."""

    changed: list[int] = field(default_factory=list)
    conflicts: list[int] = field(default_factory=list)
    events: list[int] = field(default_factory=list)


def mark_register(
    *,
    lecture: Lecture,
    actor: User,
    marks: Sequence[Mark],
    reason: str = "",
    method: AttendanceEvent.Method = AttendanceEvent.Method.TEACHER,
) -> Outcome:
    """Record these marks in one transaction and return what became of each.

    A mark that says what the row already says changes nothing and writes no event.

    Raises:
        Refusal: a status that does not exist, a student who is not on the roster of this lecture, a student named
            twice, a reason that is too long, or a lecture that was cancelled; nothing is stored then.
    """
    _check(lecture, marks, reason)
    moment = clock.now()
    with transaction.atomic():
        rows = _locked_rows(lecture, [mark.student_id for mark in marks])
        differing = [mark for mark in marks if rows[mark.student_id].status != mark.status]
        wanted = [mark for mark in differing if rows[mark.student_id].version == mark.seen_version]
        events = record(
            EventDraft(
                kind=AttendanceEvent.Kind.MARKED,
                lecture=lecture,
                actor=actor,
                method=method,
                received_at=moment,
                student_id=mark.student_id,
                from_status=rows[mark.student_id].status,
                to_status=mark.status,
                reason=reason,
            )
            for mark in wanted
        )
        _project(rows, events)
    changed = [mark.student_id for mark in wanted]
    conflicts = [mark.student_id for mark in differing if mark.student_id not in changed]
    return Outcome(changed, conflicts, [event.pk for event in events])


def undo_marks(*, lecture: Lecture, actor: User, first: int, last: int) -> Outcome:
    """Take back what this person marked in the events from `first` to `last`, and return what became of each.

    A mark that was changed again since stays as it is. Nothing is erased: taking back is one more event.

    Raises:
        Refusal: there is nothing of theirs to take back any more.
    """
    rows = Attendance.objects.filter(
        lecture=lecture, event__kind=AttendanceEvent.Kind.MARKED, event__actor=actor, event__pk__range=(first, last)
    )
    marks = [Mark(row.student_id, row.event.from_status, row.version) for row in rows.select_related("event")]  # type: ignore[union-attr]
    if not marks:
        raise Refusal(_("There is nothing to take back: these marks have been changed since."))
    return mark_register(lecture=lecture, actor=actor, marks=marks, reason=_("Taken back"))


def _check(lecture: Lecture, marks: Sequence[Mark], reason: str) -> None:
    if lecture.cancelled_at is not None:
        raise Refusal(_("This lecture was cancelled, so it has no register."))
    if len(reason) > MAXIMUM_REASON:
        raise Refusal(
            _("The reason has %(count)d characters; %(most)d fit.") % {"count": len(reason), "most": MAXIMUM_REASON}
        )
    for mark in marks:
        if mark.status and mark.status not in Status.values:
            raise Refusal(_("“%(status)s” is not a mark.") % {"status": mark.status[:20]})
    students = [mark.student_id for mark in marks]
    if len(set(students)) != len(students):
        raise Refusal(_("A student stands in this list twice."))
    if set(students) - set(roster_of(lecture).values_list("student", flat=True)):
        raise Refusal(_("A student in this list is not on the roster of this lecture."))


def _locked_rows(lecture: Lecture, students: Iterable[int]) -> dict[int, Attendance]:
    """Return one row per student, made when missing, and hold them all against other writers until commit.

    Making blank rows first lets two writers of a student's first mark meet at the unique constraint and then at the
    lock; the second one sees what the first one wrote. Rows are taken in one order, so two registers cannot deadlock.
    """
    ordered = sorted(students)
    Attendance.objects.bulk_create(
        [Attendance(lecture=lecture, student_id=student) for student in ordered], ignore_conflicts=True, batch_size=500
    )
    rows = Attendance.objects.select_for_update().filter(lecture=lecture, student__in=ordered).order_by("student_id")
    return {row.student_id: row for row in rows}


def _project(rows: dict[int, Attendance], events: Sequence[AttendanceEvent]) -> None:
    changed = []
    for event in events:
        row = rows[event.student_id or 0]
        row.follow(event)
        changed.append(row)
    Attendance.objects.bulk_update(changed, ["status", "event", "recorded_at", "version"], batch_size=500)
