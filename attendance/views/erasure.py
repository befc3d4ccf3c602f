"""Erasing a person: what it would do, first; then, once the user name was typed, done."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from attendance.access import SignedInRequest, manage_person, only
from attendance.models import User
from attendance.queries.erasure import erasure_of
from attendance.services.erased_texts import ErasureReason
from attendance.services.erasure import erase_person
from attendance.services.refusals import Refusal
from attendance.views.forms.people import EraseForm
from attendance.views.limits import render_form


@never_cache
@only(User.Role.ADMIN)
def person_erase(request: SignedInRequest, person_id: int) -> HttpResponse:
    """Show what erasing a person takes away and what stays, and do it once the user name was typed."""
    person = manage_person(request.user, person_id)
    form = EraseForm(person, request.POST or None)
    if form.is_valid() or (form.is_bound and person.erased_at is not None):
        try:
            erase_person(person=person, actor=request.user, why=ErasureReason.ASKED)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The person was erased. Marks stay as those of an erased person."))
            return redirect("person_show", person.pk)
    goes, stays = erasure_of(person)
    return render_form(
        request, "people/erase.html", form, current_place="people_list", person=person, goes=goes, stays=stays
    )
