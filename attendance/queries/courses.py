"""Reading courses of a term, for their lists and pages."""

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from attendance.access import visible_offerings
from attendance.models import CourseStaff, Enrolment, Offering, Term, User
from attendance.queries.directory import ListedDepartment
from attendance.queries.sorting import ordered

LONGEST_ID = 18
"""Digits of an id that every database can compare with its own."""

STAFF = Prefetch(
    "staff",
    CourseStaff.objects.filter(lecture__isnull=True).select_related("user").order_by("-duty", "user__family_name"),
    to_attr="standing_staff",
)

SORTS = {
    "code": ("course__code", "pk"),
    "title": ("course__title", "course__code", "pk"),
    "department": ("course__department__name", "course__code", "pk"),
    "term": ("term__first_day", "course__code", "pk"),
    "students": ("student_count", "course__code", "pk"),
}
"""The columns the list of courses can be sorted by."""


def offerings_for(
    user: User,
    *,
    search: str = "",
    term: Term | None = None,
    department: ListedDepartment | None = None,
    archived: bool = False,
    sort: str = "code",
) -> QuerySet[Offering]:
    """Return the offerings the user sees, each with its staff and `student_count`.

    `search` looks in code and title; term and department narrow the list; `archived` says which of both halves; `sort`
    is one of `SORTS`, turned around by a minus in front.
    """
    offerings = visible_offerings(user).filter(course__archived_at__isnull=not archived)
    if term is not None:
        offerings = offerings.filter(term=term)
    if department is not None:
        offerings = offerings.filter(course__department=department.pk)
    if search:
        offerings = offerings.filter(Q(course__code__icontains=search) | Q(course__title__icontains=search))
    listed = offerings.select_related("course__department", "term", "organisation").prefetch_related(STAFF)
    return ordered(listed.annotate(student_count=_student_count()), SORTS, sort)


def _student_count() -> Coalesce:
    """Return how many are enrolled in an offering; counted for those that are listed, where a join counts all."""
    enrolments = Enrolment.objects.filter(offering=OuterRef("pk")).order_by().values("offering")
    return Coalesce(Subquery(enrolments.annotate(number=Count("pk")).values("number")), 0)


def offering_named(user: User, text: str) -> Offering | None:
    """Return the offering that an address names by its id, None when there is none that the user sees."""
    if not text.isdecimal() or len(text) > LONGEST_ID:
        return None
    return visible_offerings(user).select_related("course").filter(pk=int(text)).first()


def terms_for(user: User) -> list[Term]:
    """Return the terms in which the user sees any course, newest first."""
    return list(Term.objects.filter(offerings__in=visible_offerings(user)).distinct().order_by("-first_day"))
