"""Excusing many at once: first shown, then done."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import ngettext

from attendance.access import SignedInRequest, mark_offering, signed_in
from attendance.models import Offering
from attendance.queries.excuses import ExcusedLecture, lectures_to_excuse
from attendance.services import excuses
from attendance.services.refusals import Refusal
from attendance.views.forms.excuses import ExcuseForm
from attendance.views.limits import render_form


@signed_in
def excuse_create(request: SignedInRequest, offering_id: int) -> HttpResponse:
    """Take whom to excuse and when, show what that changes, and do it once it is confirmed."""
    offering = mark_offering(request.user, offering_id)
    form = ExcuseForm(offering, request.POST or None)
    preview: list[ExcusedLecture] = []
    if form.is_valid():
        chosen = form.cleaned_data
        preview = lectures_to_excuse(offering, chosen["students"], chosen["first_day"], chosen["last_day"])
        if request.POST.get("confirmed") and preview:
            return _excused(request, offering, preview, chosen["reason"])
    context = {
        "current_place": "course_list",
        "offering": offering,
        "preview": preview,
        "number": sum(len(each.students) for each in preview),
        "looked": form.is_valid(),
    }
    return render_form(request, "courses/excuse.html", form, **context)


def _excused(request: SignedInRequest, offering: Offering, preview: list[ExcusedLecture], reason: str) -> HttpResponse:
    try:
        changed = excuses.excuse(excused=preview, actor=request.user, reason=reason)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        sentence = ngettext("Excused %(count)d time.", "Excused %(count)d times.", changed)
        messages.success(request, sentence % {"count": changed})
    return redirect("course_show", offering.pk)
