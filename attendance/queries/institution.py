"""What an institution has set up, for the lists of its administrators."""

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from attendance.models import Course, Department, Organisation, Room, Term, User


def departments_with_use(organisation: Organisation) -> QuerySet[Department]:
    """Return the departments by name, each with `courses` and `people`, the numbers of what belongs to it."""
    departments = Department.objects.filter(organisation=organisation)
    # Counted apart: joined, every course of a department would meet every person of it.
    return departments.annotate(courses=_number_of(Course), people=_number_of(User)).order_by("name", "pk")


def _number_of(model: type[Course] | type[User]) -> Coalesce:
    rows = model._default_manager.filter(department=OuterRef("pk")).order_by().values("department")
    return Coalesce(Subquery(rows.annotate(number=Count("pk")).values("number")), 0)


def rooms_found(organisation: Organisation, *, search: str, archived: bool) -> QuerySet[Room]:
    """Return the rooms whose name has these letters, by name; `archived` says which of both halves."""
    rooms = Room.objects.filter(organisation=organisation, archived_at__isnull=not archived)
    return rooms.filter(name__icontains=search).order_by("name", "pk")


def terms_with_use(organisation: Organisation) -> QuerySet[Term]:
    """Return the terms, the latest first, each with `courses`, the number of those taught in it."""
    current = Q(offerings__course__archived_at__isnull=True)
    terms = Term.objects.filter(organisation=organisation)
    return terms.annotate(courses=Count("offerings", filter=current)).order_by("-first_day", "pk")
