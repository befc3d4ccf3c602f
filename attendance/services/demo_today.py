"""A lecture that is on and one that comes, whatever the hour is at which the demo is made."""

from datetime import UTC, datetime, time, timedelta

from attendance.models import CourseStaff, Lecture, Offering, Term, User
from attendance.services.lectures import create_lecture

EXTRA_TOPIC = "Extra tutorial"
LENGTH = timedelta(minutes=90)
SINCE = timedelta(minutes=20)
BREAK = timedelta(minutes=15)


def add_lectures_around(*, term: Term, now: datetime, teacher: User, student: User) -> list[Lecture]:
    """Make a lecture of teacher and student that is on now, and one later today, unless there are such; return them.

    The first is made in the first of the courses that the teacher owns and the student takes, by code, the other one in
    the last. Only in the last minute of a day nothing can follow on it, and the one that comes begins at midnight.
    """
    offerings = Offering.objects.filter(
        term=term, staff__user=teacher, staff__duty=CourseStaff.Duty.OWNER, enrolments__student=student
    ).order_by("course__code")
    common = Lecture.objects.filter(offering__in=offerings, section=None, cancelled_at=None).order_by("starts_at")
    first_instant, end_of_day = _day_of(term, now)
    current = common.filter(starts_at__lte=now, ends_at__gt=now).first()
    upcoming = common.filter(starts_at__gt=now, starts_at__lt=end_of_day).first()
    last_start = _last_start(now, end_of_day)
    made = []
    if current is None:
        starts_at = max(first_instant, _full_five_minutes(now - SINCE))
        ends_at = min(starts_at + LENGTH, upcoming.starts_at if upcoming else last_start)
        current = _extra(offerings[0], starts_at, ends_at)
        made.append(current)
    if upcoming is None:
        starts_at = min(current.ends_at + BREAK, last_start)
        made.append(_extra(offerings.reverse()[0], starts_at, starts_at + LENGTH))
    return made


def _day_of(term: Term, now: datetime) -> tuple[datetime, datetime]:
    """Return the start of the calendar day in the organisation's zone, and that of the next one, in UTC."""
    zone = term.organisation.zone
    today = now.astimezone(zone).date()
    tomorrow = today + timedelta(days=1)
    start, end = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (today, tomorrow))
    return start, end


def _last_start(now: datetime, end_of_day: datetime) -> datetime:
    """Return the latest start that still lies on this day and after now, 23:55 or 23:59; else midnight."""
    candidates = (end_of_day - timedelta(minutes=before) for before in (5, 1, 0))
    return next(start for start in candidates if start > now)


def _full_five_minutes(moment: datetime) -> datetime:
    return moment.replace(minute=moment.minute // 5 * 5, second=0, microsecond=0)


def _extra(offering: Offering, starts_at: datetime, ends_at: datetime) -> Lecture:
    usual = Lecture.objects.filter(offering=offering, section=None).exclude(room=None).select_related("room").first()
    room = usual.room if usual else None
    return create_lecture(offering=offering, starts_at=starts_at, ends_at=ends_at, room=room, topic=EXTRA_TOPIC)
