"""The numbers on an administrator's first page, read through the cache."""

from datetime import timedelta
from uuid import UUID

from attendance import cache_tags as tags
from attendance.caching.accessors import cached
from attendance.models import AttendanceSession, Course, Enrolment, User


def _figures_tags(*, organisation: str) -> list[str]:
    return [
        tags.people_of(organisation),
        tags.courses_of(organisation),
        tags.offerings_of(organisation),
        tags.enrolments_of_organisation(organisation),
        tags.lectures_of(organisation),
        tags.sessions_of_organisation(organisation),
    ]


@cached("dashboard_figures", timeout=timedelta(seconds=300), tags=_figures_tags)
def organisation_figures(*, organisation: str) -> dict[str, int]:
    """Return how many students, teachers, courses, enrolments and open check-ins an organisation has; 5 queries."""
    own = UUID(organisation)
    people = User.objects.filter(organisation=own, is_active=True)
    open_sessions = AttendanceSession.objects.filter(lecture__organisation=own, closed_at__isnull=True)
    return {
        "students": people.filter(role=User.Role.STUDENT).count(),
        "teachers": people.filter(role=User.Role.TEACHER).count(),
        "courses": Course.objects.filter(organisation=own, archived_at__isnull=True).count(),
        "enrolments": Enrolment.objects.filter(offering__organisation=own).count(),
        "open_check_ins": open_sessions.count(),
    }
