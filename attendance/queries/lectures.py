"""Reading lectures with the state their attendance is in."""

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, TypedDict
from zoneinfo import ZoneInfo

from django.db.models import Exists, Min, OuterRef, Q, QuerySet

from attendance import clock
from attendance.access import readable_organisations
from attendance.caching import fills
from attendance.models import AttendanceSession, CourseStaff, Enrolment, Lecture, Offering, Room, User
from attendance.queries.standings import untouched, was_taken


class LectureState(TypedDict):
    """Whether attendance is being taken now, and whether it was taken."""

    is_open: bool
    is_taken: bool


if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    StatedLecture = WithAnnotations[Lecture, LectureState]


def with_state(lectures: QuerySet[Lecture]) -> "QuerySet[StatedLecture]":
    """Return lectures by time, with course, room and section, and with their `LectureState`."""
    open_sessions = AttendanceSession.objects.filter(lecture=OuterRef("pk"), closed_at__isnull=True)
    return (
        lectures.select_related("offering__course", "organisation", "room", "section")
        .annotate(is_open=Exists(open_sessions), is_taken=was_taken())
        .order_by("starts_at", "pk")
    )


def holds_until_next_change(lectures: QuerySet[Lecture]) -> None:
    """Declare that what is made of lectures now may be another thing once one of them starts or ends; 1 query."""
    now = clock.now()
    ahead = lectures.filter(ends_at__gt=now).order_by()
    moments = ahead.aggregate(start=Min("starts_at", filter=Q(starts_at__gt=now)), end=Min("ends_at"))
    for moment in filter(None, moments.values()):
        fills.valid_until(moment)


def day_of(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return when the day of a moment begins and when the next one does; declare that what is made holds until then."""
    today = now.astimezone(zone).date()
    midnight, tomorrow = (datetime.combine(today + timedelta(days), time.min, tzinfo=zone) for days in (0, 1))
    fills.valid_until(tomorrow)
    return midnight, tomorrow


def lectures_of_today(user: User, zone: ZoneInfo) -> "QuerySet[StatedLecture]":
    """Return today's lectures of the user."""
    midnight, tomorrow = day_of(clock.now(), zone)
    return with_state(lectures_for(user).filter(starts_at__gte=midnight, starts_at__lt=tomorrow))


def lectures_for(user: User) -> QuerySet[Lecture]:
    """Return the lectures that are the user's own to teach, to attend or to oversee."""
    organisations = readable_organisations(user)
    if organisations:
        return Lecture.objects.filter(organisation__in=organisations)
    duties, enrolments = CourseStaff.objects.filter(user=user), Enrolment.objects.filter(student=user)
    taught = Lecture.objects.filter(offering__in=duties.filter(lecture__isnull=True).values("offering"))
    attended = Lecture.objects.filter(_expected(user), offering__in=enrolments.values("offering"))
    # Three short lists by their indexes; the same conditions joined by "or" are tried on every lecture there is.
    own = taught.order_by().values("pk")
    own = own.union(duties.filter(lecture__isnull=False).values("lecture"), attended.order_by().values("pk"), all=True)
    return Lecture.objects.filter(pk__in=own, organisation=user.organisation_id)


def lectures_not_taken(user: User) -> "QuerySet[StatedLecture]":
    """Return the lectures of the user that are over and in which nobody took attendance, newest first."""
    missed = lectures_for(user).filter(untouched(), ends_at__lte=clock.now(), cancelled_at__isnull=True)
    return with_state(missed).order_by("-starts_at", "-pk")


LECTURE_LISTS = ("coming", "open", "past", "not_taken", "cancelled")
"""Which lectures a list can be of."""


def lectures_listed(user: User, status: str, search: str, course: Offering | None = None) -> "QuerySet[StatedLecture]":
    """Return the user's lectures of one of `LECTURE_LISTS` whose course, topic or room has these words.

    Those to come and those open are in order of time, the others newest first.
    """
    lectures = with_state(lectures_for(user))
    if course is not None:
        lectures = lectures.filter(offering=course)
    for word in search.split():
        lectures = lectures.filter(_holds(word))
    now = clock.now()
    chosen = {
        "coming": Q(ends_at__gt=now, cancelled_at__isnull=True),
        "open": Q(pk__in=AttendanceSession.objects.filter(closed_at__isnull=True).values("lecture")),
        "past": Q(ends_at__lte=now, cancelled_at__isnull=True),
        "not_taken": Q(untouched(), ends_at__lte=now, cancelled_at__isnull=True),
        "cancelled": Q(cancelled_at__isnull=False),
    }
    found = lectures.filter(chosen[status])
    return found if status in ("coming", "open") else found.order_by("-starts_at", "-pk")


def _holds(word: str) -> Q:
    """Return the condition that a lecture's course, topic or room has a word; names are read once, not per lecture."""
    courses = Q(course__code__icontains=word) | Q(course__title__icontains=word)
    rooms = Room.objects.filter(name__icontains=word).values("pk")
    return (
        Q(offering__in=Offering.objects.filter(courses).order_by().values("pk"))
        | Q(room__in=rooms)
        | Q(topic__icontains=word)
    )


def open_session_of(lecture: Lecture) -> AttendanceSession | None:
    """Return the session in which the lecture's attendance is being taken now, if any."""
    return AttendanceSession.objects.select_related("opened_by").filter(lecture=lecture, closed_at__isnull=True).first()


def substitutes_of(lecture: Lecture) -> QuerySet[CourseStaff]:
    """Return who stands in for this lecture alone."""
    return CourseStaff.objects.filter(lecture=lecture).select_related("user").order_by("user__family_name", "pk")


def _expected(student: User) -> Q:
    """Return the condition that the student is enrolled in a lecture's offering, and in its section if it has one."""
    enrolments = Enrolment.objects.filter(student=student, offering=OuterRef("offering"))
    in_section = enrolments.filter(sections=OuterRef("section"))
    return Q(Q(section__isnull=True) & Exists(enrolments)) | Q(Exists(in_section))
