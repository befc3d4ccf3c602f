"""The people an administrator looks after."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from attendance.access import SignedInRequest, administered_organisations, manage_person, only
from attendance.models import User
from attendance.queries.activations import latest_activation, progress_of, with_progress
from attendance.queries.devices import devices_of
from attendance.queries.people import identities_of, open_browsers, people_found, people_per_role
from attendance.services import accounts, identities
from attendance.services.refusals import Refusal
from attendance.views.forms.people import DetailsForm, RoleForm
from attendance.views.limits import UNPROCESSABLE, render_form

PAGE_SIZE = 50
FORBIDDEN = 403


@require_safe
@only(User.Role.ADMIN)
def people_list(request: SignedInRequest) -> HttpResponse:
    """List people; `q` searches name, number, user name and e-mail, `role` filters, `page` turns pages."""
    search = request.GET.get("q", "").strip()[:100]
    role = request.GET.get("role", "")
    organisations = administered_organisations(request.user)
    found = people_found(organisations, search=search)
    per_role = people_per_role(found)
    chosen = found.filter(role=role) if role in User.Role.values else found
    context = {
        "current_place": "people_list",
        "page": Paginator(with_progress(chosen), PAGE_SIZE).get_page(request.GET.get("page")),
        "search": search,
        "role": role if role in User.Role.values else "",
        "roles": [(value, label, per_role.get(value, 0)) for value, label in User.Role.choices],
        "total": sum(per_role.values()),
        "several_organisations": len(organisations) > 1,
    }
    return render(request, "people/list.html", context)


@never_cache
@require_safe
@only(User.Role.ADMIN)
def person_show(request: SignedInRequest, person_id: int) -> HttpResponse:
    """Show one person's account."""
    return _page(request, manage_person(request.user, person_id))


def _page(request: SignedInRequest, person: User, *, refusal: str = "", status: int = 200) -> HttpResponse:
    may_change = person.pk != request.user.pk and (request.user.is_superuser or not person.is_superuser)
    context = {
        "current_place": "people_list",
        "person": person,
        "browsers": open_browsers(person, session_key=request.session.session_key),
        "may_change": may_change,
        "progress": progress_of(person),
        "activation": latest_activation(person),
        "identities": identities_of(person),
        "devices": devices_of(person) if person.role == User.Role.STUDENT else None,
        "may_forget": True,
        "role_form": RoleForm(initial={"role": person.role}),
        "refusal": refusal,
    }
    template = "people/show.html" if person.erased_at is None else "people/erased.html"
    return render(request, template, context, status=status)


@never_cache
@only(User.Role.ADMIN)
def person_edit(request: SignedInRequest, person_id: int) -> HttpResponse:
    """Show and take what a person is called and reached by."""
    person = manage_person(request.user, person_id)
    form = DetailsForm(person, request.POST or None)
    if form.is_valid():
        try:
            accounts.update_details(person=person, actor=request.user, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return _done(request, person, _("Saved."))
    return render_form(request, "people/edit.html", form, current_place="people_list", person=person)


@require_POST
@only(User.Role.ADMIN)
def person_change(request: SignedInRequest, person_id: int) -> HttpResponse:
    """Give a person another role."""
    person = manage_person(request.user, person_id)
    form = RoleForm(request.POST)
    if not form.is_valid():
        return _page(request, person, refusal=_("There is no such role."), status=UNPROCESSABLE)
    try:
        changed = accounts.change_role(person=person, role=form.cleaned_data["role"], actor=request.user)
    except Refusal as refusal:
        return _page(request, person, refusal=str(refusal), status=FORBIDDEN)
    sentence = _("%(name)s: %(role)s from now on.") % {"name": changed, "role": changed.get_role_display()}
    return _done(request, person, sentence)


@require_POST
@only(User.Role.ADMIN)
def person_activate(request: SignedInRequest, person_id: int) -> HttpResponse:
    """Let a person log in again."""
    person = manage_person(request.user, person_id)
    try:
        accounts.activate(person=person, actor=request.user)
    except Refusal as refusal:
        return _page(request, person, refusal=str(refusal), status=FORBIDDEN)
    return _done(request, person, _("%(name)s can log in again.") % {"name": person})


@require_POST
@only(User.Role.ADMIN)
def person_deactivate(request: SignedInRequest, person_id: int) -> HttpResponse:
    """Keep a person from logging in."""
    person = manage_person(request.user, person_id)
    try:
        accounts.deactivate(person=person, actor=request.user)
    except Refusal as refusal:
        return _page(request, person, refusal=str(refusal), status=FORBIDDEN)
    return _done(request, person, _("%(name)s is logged out and cannot log in any more.") % {"name": person})


@require_POST
@only(User.Role.ADMIN)
def person_sessions_end(request: SignedInRequest, person_id: int) -> HttpResponse:
    """Sign all browsers of a person out."""
    person = manage_person(request.user, person_id)
    try:
        ended = accounts.sign_out(person=person, actor=request.user)
    except Refusal as refusal:
        return _page(request, person, refusal=str(refusal), status=FORBIDDEN)
    sentence = ngettext("%(count)d browser is logged out.", "%(count)d browsers are logged out.", ended)
    return _done(request, person, sentence % {"count": ended})


@require_POST
@only(User.Role.ADMIN)
def identity_unlink(request: SignedInRequest, person_id: int) -> HttpResponse:
    """Forget which login of the institution belongs to a person."""
    person = manage_person(request.user, person_id)
    try:
        identities.unlink(person=person, actor=request.user)
    except Refusal as refusal:
        return _page(request, person, refusal=str(refusal), status=FORBIDDEN)
    return _done(request, person, _("No login of the institution belongs to %(name)s any more.") % {"name": person})


def _done(request: SignedInRequest, person: User, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect("person_show", person.pk)
