"""What was imported into an institution, for its administrators."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from attendance.access import SignedInRequest, manage_row, only
from attendance.models import Import, User
from attendance.queries.institution import imports_of

PAGE_SIZE = 50
KINDS = {
    "departments": _("Departments"),
    "rooms": _("Rooms"),
    "teachers": _("Teachers"),
    "students": _("Students"),
    "courses": _("Courses"),
    "sections": _("Sections"),
    "meetings": _("Weekly hours"),
    "lectures": _("Lectures"),
    "enrolments": _("Enrolments"),
}
"""What the kinds of imported rows are called, in the order in which they build on each other."""


@require_safe
@only(User.Role.ADMIN)
def import_list(request: SignedInRequest) -> HttpResponse:
    """List the imports, the latest first; `page` turns pages."""
    page = Paginator(imports_of(request.user.organisation), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "institution/imports.html", {"current_place": "institution_edit", "page": page})


@require_safe
@only(User.Role.ADMIN)
def import_show(request: SignedInRequest, import_id: int) -> HttpResponse:
    """Show what became of the rows of one import."""
    applied = manage_row(request.user, Import, import_id)
    counts = [(label, applied.counts[kind]) for kind, label in KINDS.items() if kind in applied.counts]
    context = {"current_place": "institution_edit", "applied": applied, "counts": counts}
    return render(request, "institution/import.html", context)
