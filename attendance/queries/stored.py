"""What is stored about one person, in numbers."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from attendance.models import (
    Activation,
    Attendance,
    AttendanceEvent,
    CheckInAttempt,
    CourseStaff,
    Device,
    Enrolment,
    Invitation,
    LinkedIdentity,
    LoginSession,
    Request,
    User,
)


def stored_about(person: User) -> Mapping[str, int]:
    """Return how many rows of each kind name the person; 1 query."""
    marks = Attendance.objects.exclude(status="")
    rows: dict[str, tuple[QuerySet[Any], str]] = {
        "enrolments": (Enrolment.objects.all(), "student"),
        "duties": (CourseStaff.objects.all(), "user"),
        "marks": (marks, "student"),
        "events": (AttendanceEvent.objects.all(), "student"),
        "acts": (AttendanceEvent.objects.all(), "actor"),
        "scans": (CheckInAttempt.objects.all(), "student"),
        "devices": (Device.objects.all(), "student"),
        "requests": (Request.objects.all(), "student"),
        "activations": (Activation.objects.all(), "user"),
        "invitations": (Invitation.objects.all(), "accepted_by"),
        "identities": (LinkedIdentity.objects.all(), "user"),
        "browsers": (LoginSession.objects.all(), "user"),
    }
    counts = [_number(of, column) for of, column in rows.values()]
    (numbers,) = User.objects.filter(pk=person.pk).values_list(*counts)
    return dict(zip(rows, numbers, strict=True))


def _number(rows: QuerySet[Any], column: str) -> Coalesce:
    """Return the expression that counts the rows whose column is the person of the outer query."""
    own = rows.filter(**{column: OuterRef("pk")}).order_by().values(column)
    return Coalesce(Subquery(own.annotate(number=Count("pk")).values("number")), 0)
