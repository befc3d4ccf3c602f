"""The register of a lecture: shown, marked, taken back, and held against the heads in the room."""

import re
from collections.abc import Collection, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from attendance.access import SignedInRequest, mark_lecture, read_register, signed_in
from attendance.models import AttendanceSession, Lecture, Status
from attendance.queries.headcounts import headcount_of
from attendance.queries.lectures import open_session_of
from attendance.queries.registers import BLANK, RegisterRow, Tally, register_of, rows_shown
from attendance.services import attendance_sessions, register
from attendance.services.refusals import Refusal
from attendance.services.register import Outcome
from attendance.views.forms.register import HeadcountForm, SubmittedRegister

_SAVED = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")


@signed_in
def register_edit(request: SignedInRequest, lecture_id: int) -> HttpResponse:
    """Show the register to those who may read it, and take marks from those who may mark.

    `q` searches names and roll numbers, `show` filters by mark, `saved` names the events that can be taken back.
    """
    if request.method == "POST":
        return _register_save(request, mark_lecture(request.user, lecture_id))
    lecture, rights = read_register(request.user, lecture_id)
    return _register_page(request, lecture, may_mark=rights.mark)


def _register_save(request: SignedInRequest, lecture: Lecture) -> HttpResponse:
    try:
        marks = SubmittedRegister(request.POST, register_of(lecture)).marks()
        reason = request.POST.get("reason", "").strip()
        outcome = register.mark_register(lecture=lecture, actor=request.user, marks=marks, reason=reason)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return _register_page(request, lecture, may_mark=True, status=400)
    if outcome.conflicts:
        if outcome.changed:
            messages.success(request, _saved_sentence(len(outcome.changed)))
        return _register_page(request, lecture, may_mark=True, conflicts=outcome.conflicts, status=409)
    if not outcome.changed:
        messages.info(request, _("Nothing was changed."))
    return redirect(_address(request, lecture, outcome))


def _address(request: SignedInRequest, lecture: Lecture, outcome: Outcome) -> str:
    """Return where a saved register is shown: the same rows, and what was saved as something to take back."""
    query = request.GET.copy()
    query.pop("saved", None)
    if outcome.events:
        query["saved"] = f"{min(outcome.events)}-{max(outcome.events)}"
    return "?".join(filter(None, [reverse("register_edit", args=[lecture.pk]), query.urlencode()]))


def _saved_sentence(changed: int) -> str:
    return ngettext("Saved %(count)d mark.", "Saved %(count)d marks.", changed) % {"count": changed}


def _register_page(
    request: SignedInRequest, lecture: Lecture, *, may_mark: bool, conflicts: Collection[int] = (), status: int = 200
) -> HttpResponse:
    rows, session = register_of(lecture), open_session_of(lecture)
    context = {
        "current_place": "course_list",
        "lecture": lecture,
        "tally": Tally.of(rows),
        "session": session,
        "statuses": list(Status),
        "may_mark": may_mark,
        "conflicts": conflicts,
        **heads_counted(session if may_mark else None, rows),
        **_shown(request, rows),
        **_saved(request, may_mark),
    }
    return render(request, "lectures/register.html", context, status=status)


def heads_counted(session: AttendanceSession | None, rows: Sequence[RegisterRow]) -> dict[str, Any]:
    """Return the form for the heads and what they say about the rows, for whoever marks while check-in is open."""
    if session is None:
        return {}
    form = HeadcountForm(initial={"headcount": session.headcount})
    return {"headcount_form": form, "headcount": headcount_of(session, rows)}


def _shown(request: SignedInRequest, rows: list[RegisterRow]) -> dict[str, Any]:
    """Return the rows that the address asks for."""
    show, search = request.GET.get("show", ""), request.GET.get("q", "").strip()[:100]
    show = show if show in (BLANK, *Status.values) else ""
    return {"rows": rows_shown(rows, status=show, search=search), "show": show, "search": search}


def _saved(request: SignedInRequest, may_mark: bool) -> dict[str, Any]:
    """Return the first and last event of what the reader has just saved, for the bar that takes it back."""
    found = _SAVED.fullmatch(request.GET.get("saved", "")) if may_mark and request.method == "GET" else None
    if found is None:
        return {}
    first, last = int(found[1]), int(found[2])
    return {"saved": {"first": first, "last": last}} if first <= last else {}


@require_POST
@signed_in
def register_undo(request: SignedInRequest, lecture_id: int) -> HttpResponse:
    """Take back what the reader has just saved."""
    lecture = mark_lecture(request.user, lecture_id)
    found = _SAVED.fullmatch(request.POST.get("saved", ""))
    try:
        if found is None:
            raise Refusal(_("There is nothing to take back."))
        outcome = register.undo_marks(lecture=lecture, actor=request.user, first=int(found[1]), last=int(found[2]))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        taken_back = len(outcome.changed)
        sentence = ngettext("Took back %(count)d mark.", "Took back %(count)d marks.", taken_back)
        messages.success(request, sentence % {"count": taken_back})
    return redirect("register_edit", lecture.pk)


@require_POST
@signed_in
def headcount_note(request: SignedInRequest, lecture_id: int) -> HttpResponse:
    """Take the number of heads that the teacher counted."""
    lecture = mark_lecture(request.user, lecture_id)
    session, form = open_session_of(lecture), HeadcountForm(request.POST)
    if session is None:
        messages.info(request, _("Check-in is not open for this lecture."))
    elif not form.is_valid():
        messages.error(request, form.sentence_at("headcount"))
    else:
        try:
            attendance_sessions.note_headcount(session=session, people=form.cleaned_data["headcount"])
        except Refusal as refusal:
            messages.error(request, str(refusal))
    return redirect("register_edit", lecture.pk)
