"""Reads about erasing people: what it does to one person's rows, and whose time is over."""

from collections.abc import Mapping
from datetime import date

from django.db.models import Max, QuerySet
from django.db.models.functions import Coalesce

from attendance import clock
from attendance.models import Organisation, User
from attendance.queries.stored import stored_about

_GOES = ("scans", "devices", "requests", "duties")
_WAYS_IN = ("activations", "identities", "browsers")
_STAYS = ("enrolments", "marks", "events", "acts")


def erasure_of(person: User) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Return how many rows of each kind would go or lose their words, and how many would stay; 1 query."""
    stored = stored_about(person)
    ways_in = sum(stored[kind] for kind in _WAYS_IN)
    return {**{kind: stored[kind] for kind in _GOES}, "ways_in": ways_in}, {kind: stored[kind] for kind in _STAYS}


def last_day_kept(organisation: Organisation) -> date | None:
    """Return the last day so long ago that records of students who left then go now; None where they are kept."""
    if organisation.record_years is None:
        return None
    today = clock.today(organisation.zone)
    years_ago = today.year - organisation.record_years
    # Who left on the last day of a February is kept a day longer rather than one too short.
    return today.replace(year=years_ago, day=min(today.day, 28) if today.month == 2 else today.day)


def students_past_record(organisation: Organisation) -> QuerySet[User]:
    """Return the students whose last enrolment ended more years ago than the organisation keeps records for.

    An enrolment ends with its last day, or with the term. Who never was in a course is not among them, nor are
    operators.
    """
    until = last_day_kept(organisation)
    students = User.objects.filter(
        organisation=organisation, role=User.Role.STUDENT, erased_at=None, is_superuser=False
    )
    if until is None:
        return students.none()
    ends = Max(Coalesce("enrolments__until_day", "enrolments__offering__term__last_day"))
    return students.alias(left=ends).filter(left__lt=until).order_by("pk")
