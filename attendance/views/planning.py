"""Planning lectures: a new one, a moved one, a cancelled one, and who stands in."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from attendance.access import SignedInRequest, manage_lecture, manage_offering, see_person_of, signed_in
from attendance.models import Lecture
from attendance.services import lectures
from attendance.services.refusals import Refusal
from attendance.views.forms.courses import LectureForm, SubstituteForm
from attendance.views.limits import render_form

_FIELDS = ("starts_at", "ends_at", "room", "section", "mode", "topic")


@signed_in
def lecture_create(request: SignedInRequest, offering_id: int) -> HttpResponse:
    """Show and take the form for one more lecture."""
    offering = manage_offering(request.user, offering_id)
    form = LectureForm(offering, request.POST or None)
    if form.is_valid():
        try:
            lecture = lectures.create_lecture(offering=offering, **_planned(form))
        except Refusal as refusal:
            form.add_error("day", str(refusal))
        else:
            return redirect("lecture_show", lecture.pk)
    return render_form(request, "lectures/create.html", form, current_place="course_list", offering=offering)


def _planned(form: LectureForm) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in _FIELDS}


@signed_in
def lecture_edit(request: SignedInRequest, lecture_id: int) -> HttpResponse:
    """Show and take when, where and for whom a lecture is."""
    lecture = manage_lecture(request.user, lecture_id)
    form = LectureForm(lecture.offering, request.POST or None, initial=LectureForm.initial_of(lecture))
    if form.is_valid():
        try:
            lectures.update_lecture(lecture=lecture, **_planned(form))
        except Refusal as refusal:
            form.add_error("day", str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("lecture_show", lecture.pk)
    context = {"current_place": "course_list", "lecture": lecture, "offering": lecture.offering}
    return render_form(request, "lectures/edit.html", form, **context)


@require_POST
@signed_in
def lecture_cancel(request: SignedInRequest, lecture_id: int) -> HttpResponse:
    """Cancel a lecture; its page offers to take that back."""
    lecture = manage_lecture(request.user, lecture_id)
    try:
        lectures.cancel_lecture(lecture=lecture)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("lecture_show", lecture.pk)


@require_POST
@signed_in
def lecture_restore(request: SignedInRequest, lecture_id: int) -> HttpResponse:
    """Let a cancelled lecture take place after all."""
    lecture = manage_lecture(request.user, lecture_id)
    lectures.restore_lecture(lecture=lecture)
    return redirect("lecture_show", lecture.pk)


@require_POST
@signed_in
def substitute_add(request: SignedInRequest, lecture_id: int) -> HttpResponse:
    """Let somebody stand in for this lecture."""
    lecture = manage_lecture(request.user, lecture_id)
    form = SubstituteForm(lecture.organisation, request.POST)
    if not form.is_valid():
        messages.error(request, form.sentence_at("person"))
        return redirect("lecture_show", lecture.pk)
    try:
        duty = lectures.add_substitute(lecture=lecture, user=form.cleaned_data["person"])
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%(name)s can take attendance in this lecture.") % {"name": duty.user})
    return redirect("lecture_show", lecture.pk)


@require_POST
@signed_in
def substitute_remove(request: SignedInRequest, lecture_id: int, person_id: int) -> HttpResponse:
    """End somebody's standing in."""
    lecture: Lecture = manage_lecture(request.user, lecture_id)
    lectures.remove_substitute(lecture=lecture, user=see_person_of(lecture.organisation, person_id))
    return redirect("lecture_show", lecture.pk)
