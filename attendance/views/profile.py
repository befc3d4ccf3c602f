"""One's own account."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from attendance.access import SignedInRequest, signed_in
from attendance.models import User
from attendance.queries.devices import devices_of
from attendance.queries.people import open_browsers
from attendance.queries.stored import stored_about
from attendance.services import login_sessions


@never_cache
@require_safe
@signed_in
def profile_show(request: SignedInRequest) -> HttpResponse:
    """Show who the reader is to the institution, in which browsers, and with which devices."""
    context = {
        "browsers": open_browsers(request.user, session_key=request.session.session_key),
        "devices": devices_of(request.user),
        "may_forget": True,
    }
    return render(request, "me/profile.html", context)


@never_cache
@require_safe
@signed_in
def data_show(request: SignedInRequest) -> HttpResponse:
    """Show what is stored about the reader, how much of it, and what it is kept for."""
    context = {"stored": stored_about(request.user), "until_erased": _until_erased(request.user)}
    return render(request, "me/data.html", context)


def _until_erased(person: User) -> str:
    """Say until when the person's names are kept."""
    years = person.organisation.record_years
    if years is None or person.role != User.Role.STUDENT:
        return _("Until the administration erases you.")
    sentence = ngettext(
        "Until %(count)d year after your last course ended, or until the administration erases you.",
        "Until %(count)d years after your last course ended, or until the administration erases you.",
        years,
    )
    return sentence % {"count": years}


@require_POST
@signed_in
def sessions_end_others(request: SignedInRequest) -> HttpResponse:
    """Sign the reader's other browsers out."""
    ended = login_sessions.end_other_sessions(person=request.user, session_key=request.session.session_key)
    sentence = ngettext("%(count)d other browser is logged out.", "%(count)d other browsers are logged out.", ended)
    messages.success(request, sentence % {"count": ended} if ended else _("No other browser was logged in."))
    return redirect("profile_show")
