"""Setting up an institution: itself, its departments, rooms, terms and holidays; for its administrators."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from attendance.access import SignedInRequest, manage_row, only
from attendance.models import Department, Holiday, Room, Term, User
from attendance.queries.holidays import holidays_of, lectures_on
from attendance.queries.institution import departments_with_use, rooms_found, terms_with_use
from attendance.services import institution
from attendance.services.refusals import Refusal
from attendance.views.forms.base import LookForm
from attendance.views.forms.institution import DaysForm, DepartmentForm, InstitutionForm, RoomForm
from attendance.views.limits import render_form

PAGE_SIZE = 50
_administrator = only(User.Role.ADMIN)


def _take(
    request: SignedInRequest, form: LookForm, save: Callable[..., object], place: str, **words: object
) -> HttpResponse:
    """Show a form and, when it is right, save it and go to the list it belongs to; a refusal stands at its top."""
    if form.is_valid():
        try:
            save(**form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect(place)
    return render_form(request, "institution/form.html", form, current_place="institution_edit", place=place, **words)


@_administrator
def institution_edit(request: SignedInRequest) -> HttpResponse:
    """Show and take the institution's name, zone and thresholds."""
    organisation = request.user.organisation
    form = InstitutionForm(request.POST or None, initial=InstitutionForm.initial_of(organisation))
    if form.is_valid():
        try:
            institution.update_institution(organisation=organisation, actor=request.user, fields=form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("institution_edit")
    return render_form(request, "institution/edit.html", form, current_place="institution_edit")


# --- Departments ------------------------------------------------------------------------------------------------------


@require_safe
@_administrator
def department_list(request: SignedInRequest) -> HttpResponse:
    """List the departments with what belongs to each."""
    return _list(request, "institution/departments.html", departments_with_use(request.user.organisation))


def _list(request: SignedInRequest, template: str, rows: Any, **words: object) -> HttpResponse:
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, template, {"current_place": "institution_edit", "page": page, **words})


@_administrator
def department_create(request: SignedInRequest) -> HttpResponse:
    """Show and take the form for a new department."""
    return _department(request, None, _("New department"))


@_administrator
def department_edit(request: SignedInRequest, department_id: int) -> HttpResponse:
    """Show and take the name of a department."""
    return _department(request, manage_row(request.user, Department, department_id), _("Change the department"))


def _department(request: SignedInRequest, department: Department | None, heading: str) -> HttpResponse:
    form = DepartmentForm(request.POST or None, initial={"name": department.name} if department else {})

    def save(**fields: Any) -> None:
        institution.save_department(organisation=request.user.organisation, department=department, **fields)

    return _take(request, form, save, "department_list", heading=heading)


# --- Rooms ------------------------------------------------------------------------------------------------------------


@require_safe
@_administrator
def room_list(request: SignedInRequest) -> HttpResponse:
    """List rooms; `q` searches, `status=archived` shows those put away, `page` turns pages."""
    search, archived = request.GET.get("q", "").strip()[:100], request.GET.get("status") == "archived"
    rows = rooms_found(request.user.organisation, search=search, archived=archived)
    return _list(request, "institution/rooms.html", rows, search=search, archived=archived)


@_administrator
def room_create(request: SignedInRequest) -> HttpResponse:
    """Show and take the form for a new room."""
    return _room(request, None, _("New room"))


@_administrator
def room_edit(request: SignedInRequest, room_id: int) -> HttpResponse:
    """Show and take name and seats of a room."""
    return _room(request, manage_row(request.user, Room, room_id), _("Change the room"))


def _room(request: SignedInRequest, room: Room | None, heading: str) -> HttpResponse:
    form = RoomForm(request.POST or None, initial={"name": room.name, "capacity": room.capacity} if room else {})

    def save(**fields: Any) -> None:
        institution.save_room(organisation=request.user.organisation, room=room, **fields)

    return _take(request, form, save, "room_list", heading=heading)


@require_POST
@_administrator
def room_archive(request: SignedInRequest, room_id: int) -> HttpResponse:
    """Offer a room for no further lecture."""
    institution.archive_room(room=manage_row(request.user, Room, room_id))
    return redirect("room_list")


@require_POST
@_administrator
def room_restore(request: SignedInRequest, room_id: int) -> HttpResponse:
    """Offer an archived room again."""
    institution.restore_room(room=manage_row(request.user, Room, room_id))
    return redirect("room_list")


# --- Terms and holidays -----------------------------------------------------------------------------------------------


def _days_of(row: Term | Holiday | None) -> dict[str, Any]:
    return {"name": row.name, "first_day": row.first_day, "last_day": row.last_day} if row else {}


@require_safe
@_administrator
def term_list(request: SignedInRequest) -> HttpResponse:
    """List the terms with how many courses each has."""
    return _list(request, "institution/terms.html", terms_with_use(request.user.organisation))


@_administrator
def term_create(request: SignedInRequest) -> HttpResponse:
    """Show and take the form for a new term."""
    return _term(request, None, _("New term"))


@_administrator
def term_edit(request: SignedInRequest, term_id: int) -> HttpResponse:
    """Show and take name and days of a term."""
    return _term(request, manage_row(request.user, Term, term_id), _("Change the term"))


def _term(request: SignedInRequest, term: Term | None, heading: str) -> HttpResponse:
    def save(**fields: Any) -> None:
        institution.save_term(organisation=request.user.organisation, term=term, **fields)

    form = DaysForm(request.POST or None, initial=_days_of(term))
    return _take(request, form, save, "term_list", heading=heading)


@require_safe
@_administrator
def holiday_list(request: SignedInRequest) -> HttpResponse:
    """List the holidays."""
    return _list(request, "institution/holidays.html", holidays_of(request.user.organisation))


@_administrator
def holiday_create(request: SignedInRequest) -> HttpResponse:
    """Show and take the form for a new holiday."""
    return _holiday(request, None, _("New holiday"))


@_administrator
def holiday_edit(request: SignedInRequest, holiday_id: int) -> HttpResponse:
    """Show and take name and days of a holiday."""
    return _holiday(request, manage_row(request.user, Holiday, holiday_id), _("Change the holiday"))


def _holiday(request: SignedInRequest, holiday: Holiday | None, heading: str) -> HttpResponse:
    def save(**fields: Any) -> None:
        institution.save_holiday(organisation=request.user.organisation, holiday=holiday, **fields)

    form = DaysForm(request.POST or None, initial=_days_of(holiday))
    return _take(request, form, save, "holiday_list", heading=heading)


@require_safe
@_administrator
def holiday_show(request: SignedInRequest, holiday_id: int) -> HttpResponse:
    """Show which lectures are planned on a holiday, before they are cancelled."""
    holiday = manage_row(request.user, Holiday, holiday_id)
    page = Paginator(lectures_on(holiday), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"current_place": "institution_edit", "holiday": holiday, "page": page}
    return render(request, "institution/holiday.html", context)


@require_POST
@_administrator
def holiday_clear(request: SignedInRequest, holiday_id: int) -> HttpResponse:
    """Cancel every lecture on a holiday."""
    cancelled = institution.cancel_lectures_on(holiday=manage_row(request.user, Holiday, holiday_id))
    sentence = ngettext("Cancelled %(count)d lecture.", "Cancelled %(count)d lectures.", cancelled)
    messages.success(request, sentence % {"count": cancelled})
    return redirect("holiday_show", holiday_id)


@require_POST
@_administrator
def holiday_delete(request: SignedInRequest, holiday_id: int) -> HttpResponse:
    """Take a holiday out of the calendar."""
    institution.delete_holiday(holiday=manage_row(request.user, Holiday, holiday_id))
    return redirect("holiday_list")
