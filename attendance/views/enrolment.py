"""Enrolling oneself with a course code."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from attendance.access import SignedInRequest, only
from attendance.models import User
from attendance.services.enrolment import AlreadyEnrolledRefusal, UnknownCodeRefusal, try_code
from attendance.services.refusals import Refusal
from attendance.services.throttle import Attempt
from attendance.sign_in.client_address import client_address
from attendance.views.forms.enrolment import EnrolmentCodeForm
from attendance.views.limits import render_form, render_refused, wait_sentence

_TEMPLATE = "enrolment/create.html"
_PLACE = {"current_place": "course_list"}
_FEW_TRIES = 3


@require_http_methods(["GET", "HEAD", "POST"])
@only(User.Role.STUDENT)
def enrolment_create(request: SignedInRequest) -> HttpResponse:
    """Show and take the form for a course code."""
    form = EnrolmentCodeForm(request.POST or None)
    if not form.is_valid():
        return render_form(request, _TEMPLATE, form, **_PLACE)
    try:
        enrolment, attempt = try_code(
            student=request.user, code=form.cleaned_data["code"], address=client_address(request)
        )
    except AlreadyEnrolledRefusal as refusal:
        form.add_error("code", str(refusal))
        return render_form(request, _TEMPLATE, form, offering=refusal.offering, **_PLACE)
    except Refusal as refusal:
        form.add_error("code", str(refusal))
        return render_form(request, _TEMPLATE, form, **_PLACE)
    if enrolment is None:
        return _not_enrolled(request, form, attempt)
    course, roll = enrolment.offering.course, enrolment.roll_number
    messages.success(request, _("You are in %(course)s, roll number %(roll)s.") % {"course": course, "roll": roll})
    return redirect("course_show", enrolment.offering_id)


def _not_enrolled(request: SignedInRequest, form: EnrolmentCodeForm, attempt: Attempt) -> HttpResponse:
    if not attempt.admitted:
        form.add_error("code", " ".join([_("Too many codes were wrong."), wait_sentence(request, attempt)]))
        return render_refused(request, _TEMPLATE, form, attempt, **_PLACE)
    sentences = [str(UnknownCodeRefusal())]
    if attempt.left <= _FEW_TRIES:
        left = ngettext("%(count)d try is left.", "%(count)d tries are left.", attempt.left)
        sentences.append(left % {"count": attempt.left})
    form.add_error("code", " ".join(sentences))
    return render_form(request, _TEMPLATE, form, **_PLACE)
