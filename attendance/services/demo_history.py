"""What happened in the demo's lectures so far: check-in opened and closed, and marks by people with habits."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import groupby

from django.db import transaction
from django.db.models import Q

from attendance.models import (
    Attendance,
    AttendanceEvent,
    AttendanceSession,
    CourseStaff,
    Lecture,
    Status,
    Term,
    User,
)
from attendance.queries.rosters import roster_of
from attendance.services.demo_plan import FRIDAY, MONDAY, SELDOM_HERE, STUDENT, SUBJECTS, THURSDAY
from attendance.services.demo_today import EXTRA_TOPIC
from attendance.services.events import EventDraft, record
from attendance.timetable.chance import draw, pick
from attendance.timetable.expansion import monday_of

BATCH = 500
CHECK_IN = timedelta(minutes=15)
# Weekly hours that somebody forgot to take attendance in: course, week of the term counted from 0, weekday.
NOT_TAKEN = {("CS 204", 7, THURSDAY), ("MA 210", 4, MONDAY), ("BU 140", 8, FRIDAY)}
REASONS = ("Medical certificate", "Sports fixture", "Family matter", "Faculty representative meeting")


@dataclass(frozen=True)
class Habit:
    """How likely a student comes, comes late when coming, and has an excuse when not."""

    comes: float
    late: float
    excused: float


Pupil = tuple[int, str]
"""Id and number of a student."""

RELIABLE, ORDINARY, STRUGGLING = Habit(0.95, 0.04, 0.5), Habit(0.83, 0.18, 0.35), Habit(0.6, 0.2, 0.1)
OWN_HABITS = {STUDENT: Habit(0.88, 0.12, 0.5), SELDOM_HERE: Habit(0.15, 0.3, 0)}


@dataclass(frozen=True)
class History:
    """How many lectures were given a history, and how many events it has."""

    lectures: int
    events: int


@cache
def habit_of(number: str) -> Habit:
    """Return the habit of the student with that number."""
    shares = [STRUGGLING] * 8 + [ORDINARY] * 27 + [RELIABLE] * 65
    return OWN_HABITS.get(number) or pick(shares, number, "habit")


def status_of(number: str, lecture: str) -> Status:
    """Return how a student ends up in the register of a lecture, by chance weighted with habit."""
    habit = habit_of(number)
    if draw(number, lecture, "comes") >= habit.comes:
        return Status.EXCUSED if draw(number, lecture, "excused") < habit.excused else Status.ABSENT
    if draw(number, lecture, "late") < habit.late:
        return Status.LATE
    return pick([Status.LEFT_EARLY, Status.REMOTE, *[Status.PRESENT] * 48], number, lecture, "how")


def add_history(*, term: Term, now: datetime) -> History:
    """Give every lecture of the demo that is over, and that nobody touched, its sessions, events and marks.

    Each week is one transaction; a run that was ended in between is completed by the next one.
    """
    staff = staff_of_term(term)
    lectures = [lecture for lecture in _untouched(term, now) if lecture.offering_id in staff and _taken(lecture)]
    events = 0
    for _week, week in groupby(lectures, key=lambda lecture: monday_of(lecture.starts_at.date())):
        events += _store([LectureHistory(each, staff[each.offering_id], _roster(each), now) for each in week])
    return History(len(lectures), events)


def _roster(lecture: Lecture) -> list[Pupil]:
    return list(roster_of(lecture).values_list("student_id", "student__number"))


def _untouched(term: Term, now: datetime) -> Iterable[Lecture]:
    rows = Lecture.objects.filter(
        organisation=term.organisation,
        offering__term=term,
        offering__course__code__in=[subject.code for subject in SUBJECTS],
        ends_at__lte=now,
        cancelled_at=None,
        sessions=None,
        events=None,
        attendances=None,
    )
    # A single lecture that somebody made while trying the product out is left alone.
    ours = rows.filter(Q(meeting__isnull=False) | Q(topic=EXTRA_TOPIC))
    return ours.select_related("organisation", "offering__course", "offering__term", "section", "meeting")


def staff_of_term(term: Term) -> dict[int, list[User]]:
    """Return who takes attendance, by offering: the owner twice as often as each assistant."""
    rows = CourseStaff.objects.filter(offering__term=term, lecture=None).select_related("user").order_by("id")
    staff: dict[int, list[User]] = {}
    for row in rows:
        times = 2 if row.duty == CourseStaff.Duty.OWNER else 1
        staff.setdefault(row.offering_id, []).extend([row.user] * times)
    return staff


def _taken(lecture: Lecture) -> bool:
    if lecture.meeting is None or lecture.planned_day is None:
        return True
    code, weekday = lecture.offering.course.code, lecture.meeting.weekday
    return (code, _week_of(lecture), weekday) not in NOT_TAKEN


def _week_of(lecture: Lecture) -> int:
    day = lecture.planned_day or lecture.starts_at.date()
    return (day - monday_of(lecture.offering.term.first_day)).days // 7


def label_of(lecture: Lecture) -> str:
    """Return what tells lectures apart whatever the dates are, so that each run of the term has the same history."""
    hour = f"{lecture.starts_at:%a %H:%M}" if lecture.meeting is None else str(lecture.meeting.weekday)
    return f"{lecture.offering.course.code} {lecture.section or ''} {_week_of(lecture)} {hour}"


class LectureHistory:
    """The acts of one lecture: its session and the events around it."""

    def __init__(self, lecture: Lecture, staff: Sequence[User], roster: Sequence[Pupil], now: datetime) -> None:
        self.lecture, self.roster, self.now, self.label = lecture, roster, now, label_of(lecture)
        self.actor = pick(staff, self.label, "actor")
        self.opened_at = lecture.starts_at - timedelta(seconds=60 * draw(self.label, "opened"))
        self.closed_at = self.opened_at + CHECK_IN

    def session(self) -> AttendanceSession:
        """Return its check-in, not stored yet."""
        return AttendanceSession(
            lecture=self.lecture,
            opened_by=self.actor,
            opened_at=self.opened_at,
            ends_at=self.closed_at,
            closed_by=self.actor,
            closed_at=self.closed_at,
        )

    def drafts(self) -> Iterator[EventDraft]:
        """Yield what happened: check-in opened, the marks, those that were changed a day after too, check-in closed."""
        yield self._draft(AttendanceEvent.Kind.SESSION_OPENED, self.opened_at)
        for pupil in self.roster:
            yield from self._marks(pupil)
        yield self._draft(AttendanceEvent.Kind.SESSION_CLOSED, self.closed_at)

    def _marks(self, pupil: Pupil) -> Iterator[EventDraft]:
        _student_id, number = pupil
        status = status_of(number, self.label)
        place = draw(number, self.label, "moment")
        match status:
            case Status.PRESENT | Status.REMOTE:
                yield self._mark(pupil, status, self.opened_at + timedelta(minutes=9) * place)
            case Status.LATE:
                yield self._mark(pupil, status, self.opened_at + timedelta(minutes=11 + 3 * place))
            case Status.LEFT_EARLY:
                yield self._mark(pupil, status, self.lecture.ends_at - timedelta(minutes=20) * place)
            case _:
                yield self._mark(pupil, Status.ABSENT, self.closed_at, method=AttendanceEvent.Method.CLOSING)
                if status == Status.EXCUSED:
                    yield from self._excuse(pupil, place)

    def _excuse(self, pupil: Pupil, place: float) -> Iterator[EventDraft]:
        """Excuse somebody the day after, once it has come."""
        moment = self.lecture.ends_at + timedelta(hours=18 + 8 * place)
        if moment <= self.now:
            reason = pick(REASONS, pupil[1], self.label, "reason")
            yield self._mark(pupil, Status.EXCUSED, moment, before=Status.ABSENT, reason=reason)

    def _mark(
        self,
        pupil: Pupil,
        status: Status,
        moment: datetime,
        *,
        before: str = "",
        method: AttendanceEvent.Method = AttendanceEvent.Method.TEACHER,
        reason: str = "",
    ) -> EventDraft:
        return EventDraft(
            kind=AttendanceEvent.Kind.MARKED,
            lecture=self.lecture,
            actor=self.actor,
            method=method,
            received_at=moment,
            student_id=pupil[0],
            from_status=before,
            to_status=status.value,
            reason=reason,
        )

    def _draft(self, kind: AttendanceEvent.Kind, moment: datetime) -> EventDraft:
        return EventDraft(
            kind=kind, lecture=self.lecture, actor=self.actor, method=AttendanceEvent.Method.TEACHER, received_at=moment
        )


def _store(histories: Iterable[LectureHistory]) -> int:
    """Store the histories in one transaction, events in the order in which they happened; return their number."""
    known = list(histories)
    drafts = sorted((draft for each in known for draft in each.drafts()), key=lambda draft: draft.received_at)
    with transaction.atomic():
        AttendanceSession.objects.bulk_create([each.session() for each in known], batch_size=BATCH)
        events = record(drafts)
        Attendance.objects.bulk_create(_projection(events), batch_size=BATCH)
    return len(events)


def _projection(events: Iterable[AttendanceEvent]) -> list[Attendance]:
    """Return the current marks that follow from events, one per lecture and student."""
    rows: dict[tuple[int, int], Attendance] = {}
    for event in events:
        if event.lecture_id is not None and event.student_id is not None:
            key = event.lecture_id, event.student_id
            row = rows.setdefault(key, Attendance(lecture_id=event.lecture_id, student_id=event.student_id))
            row.status, row.event, row.recorded_at = event.to_status, event, event.received_at
            row.version += 1
    return list(rows.values())
