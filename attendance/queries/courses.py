"""Reading courses of a term, for their lists and pages."""

from django.db.models import Count, Prefetch, Q, QuerySet

from attendance.access import visible_offerings
from attendance.models import CourseStaff, Offering, Term, User

STAFF = Prefetch(
    "staff",
    CourseStaff.objects.filter(lecture__isnull=True).select_related("user").order_by("-duty", "user__family_name"),
    to_attr="standing_staff",
)


def offerings_for(
    user: User, *, search: str = "", term_id: int | None = None, archived: bool = False
) -> QuerySet[Offering]:
    """Return the offerings the user sees, by course code, each with its staff and `student_count`.

    `search` looks in code and title; the term is one of `terms_for`, or all; `archived` says which of both halves.
    """
    offerings = visible_offerings(user).filter(course__archived_at__isnull=not archived)
    if term_id is not None:
        offerings = offerings.filter(term=term_id)
    if search:
        offerings = offerings.filter(Q(course__code__icontains=search) | Q(course__title__icontains=search))
    return (
        offerings.select_related("course__department", "term", "organisation")
        .prefetch_related(STAFF)
        .annotate(student_count=Count("enrolments"))
        .order_by("course__code", "pk")
    )


def terms_for(user: User) -> list[Term]:
    """Return the terms in which the user sees any course, newest first."""
    return list(Term.objects.filter(offerings__in=visible_offerings(user)).distinct().order_by("-first_day"))


def staff_of(offering: Offering) -> list[CourseStaff]:
    """Return the owner and the assistants of an offering, owner first."""
    duties = CourseStaff.objects.filter(offering=offering, lecture__isnull=True).select_related("user")
    return list(duties.order_by("-duty", "user__family_name"))
