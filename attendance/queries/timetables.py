"""Courses with their lectures, as entries that everybody shares who teaches them, attends them or oversees them.

An entry says nothing of any reader and reads no clock: which lectures are somebody's, which are on now and which were
missed is worked out where a page is made. What a join leads to is shown only if it belongs to the organisations that
are named, as the tags speak of their rows and of no others.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet

from attendance import cache_tags as tags
from attendance.caching import fills
from attendance.caching.accessors import cached
from attendance.models import AttendanceSession, CourseStaff, Lecture, Offering
from attendance.queries.belongings import Belongings
from attendance.queries.percentage import Policy
from attendance.queries.standings import was_taken

Row = dict[str, Any]
TIMEOUT = timedelta(hours=12)
"""A teaching day: no moment ends an entry, only a write does; a time-out is for what nobody asks for any more."""


@dataclass(frozen=True)
class ListedLecture:
    """A lecture as lists show it; nothing here depends on the clock.

    Attributes:
        pk: its id.
        offering: the id of its offering.
        code: of its course.
        title: of its course.
        starts_at: when it starts.
        ends_at: when it ends.
        section_id: for which part of the course it is, 0 for everybody.
        section: what that part is called.
        room: what the room is called, empty without one.
        topic: what it is about.
        cancelled_at: when it was cancelled, if it was.
        is_open: whether attendance is being taken now.
        is_taken: whether it was taken.
        own_status: the mark that the reader has in it, empty without one.
    """

    pk: int
    offering: int
    code: str
    title: str
    starts_at: datetime
    ends_at: datetime
    section_id: int
    section: str
    room: str
    topic: str
    cancelled_at: datetime | None
    is_open: bool
    is_taken: bool
    own_status: str = ""

    @classmethod
    def of(cls, lecture: Any) -> "ListedLecture":
        """Return the same of a row that `queries.lectures.with_state` read."""
        return cls(
            pk=lecture.pk,
            offering=lecture.offering_id,
            code=lecture.offering.course.code,
            title=lecture.offering.course.title,
            starts_at=lecture.starts_at,
            ends_at=lecture.ends_at,
            section_id=lecture.section_id or 0,
            section=str(lecture.section or ""),
            room=str(lecture.room or ""),
            topic=lecture.topic,
            cancelled_at=lecture.cancelled_at,
            is_open=lecture.is_open,
            is_taken=lecture.is_taken,
        )

    def was_missed(self, now: datetime) -> bool:
        """Say whether it is over and nobody took attendance nor takes it now."""
        return self.ends_at <= now and self.cancelled_at is None and not self.is_open and not self.is_taken


@dataclass(frozen=True)
class TaughtCourse:
    """A course of one term as pages show it, with its lectures by time.

    Attributes:
        pk: the id of the offering.
        organisation: whose course it is, as 32 digits.
        code: of the course.
        title: of the course.
        department: what the department is called.
        term: what the term is called.
        first_day: of the term.
        is_archived: whether it was taken off the lists.
        enrolment_code: with which students enrol themselves, empty without one.
        enrolment_code_expires_at: until when.
        policy: what its marks are worth.
        students: how many are enrolled.
        lectures: all of them.
    """

    pk: int
    organisation: str
    code: str
    title: str
    department: str
    term: str
    first_day: date
    is_archived: bool
    enrolment_code: str
    enrolment_code_expires_at: datetime | None
    policy: Policy
    students: int
    lectures: Sequence[ListedLecture]

    @classmethod
    def of(cls, row: Row) -> "TaughtCourse":
        """Return what a row of `offering_timetable` says."""
        code, title, pk = row["code"], row["title"], row["offering"]
        return cls(
            pk=pk,
            organisation=row["organisation"],
            code=code,
            title=title,
            department=row["department"],
            term=row["term"],
            first_day=date.fromisoformat(row["first_day"]),
            is_archived=row["is_archived"],
            enrolment_code=row["enrolment_code"],
            enrolment_code_expires_at=_instant(row["enrolment_code_expires_at"]),
            policy=Policy.weighing(**row["policy"]),
            students=row["students"],
            lectures=[_lecture(pk, code, title, each) for each in row["lectures"]],
        )

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


def _lecture(offering: int, code: str, title: str, row: list[Any]) -> ListedLecture:
    pk, starts, ends, section_id, section, room, topic, cancelled, is_open, is_taken = row
    starts_at, ends_at = datetime.fromisoformat(starts), datetime.fromisoformat(ends)
    return ListedLecture(
        pk, offering, code, title, starts_at, ends_at, section_id, section, room, topic, _instant(cancelled), is_open,
        is_taken,
    )  # fmt: skip


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _timetable_tags(*, offering: int, reach: list[str]) -> list[str]:
    around = (tags.courses_of, tags.departments_of, tags.terms_of, tags.rooms_of)
    own = [*tags.timetable_of_offering(offering), tags.enrolments_of_offering(offering)]
    return [*own, *(kind(each) for each in reach for kind in around)]


@cached("offering_timetable", timeout=TIMEOUT, tags=_timetable_tags)
def offering_timetable(*, offering: int, reach: list[str]) -> Row | None:
    """Return a course of a term with its policy and its lectures; 2 queries.

    `reach` are the organisations whose rows may be shown; None when the offering is not of one of them.
    """
    return _timetables([{"offering": offering, "reach": reach}])[0]


def _timetables(calls: Sequence[Mapping[str, Any]]) -> list[Row | None]:
    """Return what several such calls do; 2 queries for all of them."""
    ids = {call["offering"] for call in calls}
    counted = Offering.objects.annotate(students_number=Count("enrolments"))
    offerings = counted.select_related("course__department", "term").in_bulk(ids)
    lectures: dict[int, list[Lecture]] = defaultdict(list)
    for lecture in _lectures_of(offerings):
        lectures[lecture.offering_id].append(lecture)
    named = ((offerings.get(call["offering"]), call["reach"]) for call in calls)
    return [_offering_row(each, lectures[each.pk], reach) if each else None for each, reach in named]


offering_timetable.together = _timetables


def _offering_row(offering: Any, lectures: Iterable[Lecture], reach: Collection[str]) -> Row | None:
    course, term, code_ends = offering.course, offering.term, offering.enrolment_code_expires_at
    if not _is_of(reach, offering) or not _is_of(reach, course):
        return None
    return {
        "offering": offering.pk,
        "organisation": offering.organisation_id.hex,
        "code": course.code,
        "title": course.title,
        "department": course.department.name if _is_of(reach, course.department) else "",
        "term": term.name if _is_of(reach, term) else "",
        "first_day": (term.first_day if _is_of(reach, term) else date.min).isoformat(),
        "is_archived": course.archived_at is not None,
        "enrolment_code": offering.enrolment_code,
        "enrolment_code_expires_at": None if code_ends is None else code_ends.isoformat(),
        "policy": {name: getattr(offering, name) for name in Policy.COLUMNS},
        "students": offering.students_number,
        "lectures": [_lecture_row(each, reach) for each in lectures],
    }


def _is_of(reach: Collection[str], row: Any) -> bool:
    return row.organisation_id.hex in reach


def _lectures_of(offerings: Iterable[int]) -> QuerySet[Lecture]:
    being_taken = AttendanceSession.objects.filter(lecture=OuterRef("pk"), closed_at__isnull=True)
    lectures = Lecture.objects.filter(offering__in=list(offerings)).select_related("section", "room")
    return lectures.annotate(is_open=Exists(being_taken), is_taken=was_taken()).order_by("starts_at", "pk")


def _lecture_row(lecture: Any, reach: Collection[str]) -> list[Any]:
    section = lecture.section if lecture.section and lecture.section.offering_id == lecture.offering_id else None
    room = lecture.room if lecture.room and _is_of(reach, lecture.room) else None
    return [
        lecture.pk,
        lecture.starts_at.isoformat(),
        lecture.ends_at.isoformat(),
        lecture.section_id or 0,
        section.name if section else "",
        room.name if room else "",
        lecture.topic,
        lecture.cancelled_at.isoformat() if lecture.cancelled_at else None,
        lecture.is_open,
        lecture.is_taken,
    ]


def _staff_tags(*, offering: int, reach: list[str]) -> list[str]:
    return [tags.staff_of_offering(offering), *(tags.people_of(each) for each in reach)]


@cached("offering_staff", timeout=TIMEOUT, tags=_staff_tags)
def offering_staff(*, offering: int, reach: list[str]) -> list[Row]:
    """Return who owns a course and who assists in it, owners first: id, name and duty; 1 query."""
    duties = CourseStaff.objects.filter(offering=offering, lecture__isnull=True).select_related("user")
    found = [each for each in duties.order_by("-duty", "user__family_name") if _is_of(reach, each.user)]
    return [{"user": each.user_id, "name": each.user.full_name, "duty": each.duty} for each in found]


def courses_named(offerings: Iterable[int], reach: list[str]) -> list[TaughtCourse]:
    """Return the courses with these ids, without those that are of none of these organisations."""
    rows = offering_timetable.several([{"offering": each, "reach": reach} for each in offerings])
    return [TaughtCourse.of(row) for row in rows if row is not None]


def courses_of(belongings: Belongings) -> list[TaughtCourse]:
    """Return the courses in which somebody works or is enrolled."""
    return courses_named(belongings.offerings, belongings.reach)


def own_lectures(belongings: Belongings, courses: Iterable[TaughtCourse]) -> list[ListedLecture]:
    """Return the lectures of these courses that somebody teaches, stands in for or is expected in, by time."""
    own = [lecture for course in courses for lecture in course.lectures if is_own(belongings, lecture)]
    return sorted(own, key=lambda lecture: (lecture.starts_at, lecture.pk))


def is_own(belongings: Belongings, lecture: ListedLecture) -> bool:
    """Say whether somebody teaches a lecture, stands in for it or is expected in it."""
    works = any([lecture.offering, which] in belongings.duties for which in (0, lecture.pk))
    return works or is_expected(belongings, lecture)


def is_expected(belongings: Belongings, lecture: ListedLecture) -> bool:
    """Say whether somebody is enrolled in a lecture's course, and in its section if it has one."""
    return [lecture.offering, lecture.section_id] in belongings.places


def holds_until_one_starts_or_ends(lectures: Iterable[ListedLecture], now: datetime) -> None:
    """Declare that what is made of lectures now may be another thing once one of them starts or ends."""
    holds_until_the_next((moment for each in lectures for moment in (each.starts_at, each.ends_at)), now)


def holds_until_the_next(moments: Iterable[datetime], now: datetime) -> None:
    """Declare that what is made now may be another thing at the next of these moments; without one, by tomorrow."""
    fills.valid_until(min((moment for moment in moments if moment > now), default=now + timedelta(days=1)))
