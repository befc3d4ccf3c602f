"""What happened in the lectures of the made-up university so far: over a million marks, each with its event."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import groupby

from attendance.models import AttendanceSession, Enrolment, Lecture, Meeting, Offering, Term
from attendance.services.demo_history import BATCH, LectureHistory, Pupil, label_of, staff_of_term
from attendance.services.events import EventDraft, record_in_bulk
from attendance.services.projection import project_marks
from attendance.timetable.chance import draw

NOT_TAKEN = 0.03
"""The share of lectures in which somebody forgot to take attendance."""


def add_university_history(*, term: Term, now: datetime, report: Callable[[str, int, int], None]) -> None:
    """Give every lecture that is over its check-in, events and marks; to be called in one transaction with the term."""
    staff, rosters = staff_of_term(term), _rosters(term)
    histories = [
        LectureHistory(lecture, staff[lecture.offering_id], rosters[lecture.offering_id], now)
        for lecture in _lectures_over(term, now)
        if draw(label_of(lecture), "taken") >= NOT_TAKEN
    ]
    report("check-ins", 0, 1)
    AttendanceSession.objects.bulk_create([each.session() for each in histories], batch_size=BATCH)
    expected, done = sum(len(each.roster) for each in histories), 0
    for drafts in _by_day(histories):
        report("events", done, expected)
        done += record_in_bulk(drafts)
    report("marks", 0, 1)
    project_marks(organisation=term.organisation)


def _lectures_over(term: Term, now: datetime) -> Iterator[Lecture]:
    """Yield the lectures that are over by time, with what belongs to them; all of a course share its instance."""
    offerings = Offering.objects.filter(term=term).select_related("course").in_bulk()
    meetings = Meeting.objects.filter(offering__term=term).in_bulk()
    for lecture in Lecture.objects.filter(offering__term=term, ends_at__lte=now).order_by("starts_at", "pk"):
        lecture.organisation, lecture.offering = term.organisation, offerings[lecture.offering_id]
        lecture.offering.term = term
        lecture.meeting = meetings[lecture.meeting_id] if lecture.meeting_id else None
        yield lecture


def _rosters(term: Term) -> dict[int, list[Pupil]]:
    """Return the students of each offering by roll number; nobody of this university comes late or leaves early."""
    rosters: dict[int, list[Pupil]] = defaultdict(list)
    rows = Enrolment.objects.filter(offering__term=term).order_by("offering", "roll_number")
    for offering, student, number in rows.values_list("offering_id", "student_id", "student__number"):
        rosters[offering].append((student, number))
    return rosters


def _by_day(histories: Iterable[LectureHistory]) -> Iterator[list[EventDraft]]:
    """Yield the events of each day in the order in which they happened, also those that follow a day after."""
    later: list[EventDraft] = []
    for day, of_day in groupby(histories, key=lambda history: history.lecture.starts_at.date()):
        midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=UTC)
        drafts = sorted([*later, *(draft for each in of_day for draft in each.drafts())], key=_received)
        yield [draft for draft in drafts if draft.received_at < midnight]
        later = [draft for draft in drafts if draft.received_at >= midnight]
    yield later


def _received(draft: EventDraft) -> datetime:
    return draft.received_at
