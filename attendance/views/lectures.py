"""Lectures: one lecture, its check-in, and the history of a mark."""

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST, require_safe

from attendance import clock
from attendance.access import SignedInRequest, mark_lecture, see_lecture, signed_in
from attendance.caching.pages import cached_page
from attendance.models import CheckInAttempt, Lecture
from attendance.queries.grants import may_see_lecture
from attendance.queries.lectures import open_session_of, substitutes_of, with_state
from attendance.queries.registers import RegisterRow, Tally, history_of, register_of, status_in
from attendance.queries.scans import scans_on_devices_of_others, scans_waiting
from attendance.services import attendance_sessions
from attendance.services.refusals import Refusal
from attendance.views import page_tags
from attendance.views.forms.courses import SubstituteForm
from attendance.views.forms.register import OpenSessionForm
from attendance.views.registers import heads_counted

PART_HEADER = "X-Part"
"""With it the script of a page asks for what goes into the page."""


@cached_page(
    "lecture_detail",
    scope="role",
    timeout=timedelta(seconds=settings.CACHE_TIMEOUT_LECTURE_DETAIL),
    tags=page_tags.lecture_show,
    grant=may_see_lecture,
)
@require_safe
@signed_in
def lecture_show(request: SignedInRequest, lecture_id: int) -> HttpResponse:
    """Show what a lecture is, to everybody who may see it alike; what is happening in it comes from `lecture_live`."""
    lecture, _rights = see_lecture(request.user, lecture_id)
    return render(request, "lectures/show.html", {"current_place": "course_list", "lecture": lecture})


@require_safe
@signed_in
def lecture_live(request: SignedInRequest, lecture_id: int) -> HttpResponse:
    """Show the state of a lecture and what the reader can do in it now: as a part of its page, or as a page."""
    lecture, rights = see_lecture(request.user, lecture_id)
    rows = register_of(lecture) if rights.read else []
    session = open_session_of(lecture)
    context = {
        "current_place": "course_list",
        "lecture": with_state(Lecture.objects.filter(pk=lecture.pk)).get(),
        "rights": rights,
        "session": session,
        "now": clock.now(),
        "tally": Tally.of(rows) if rights.read else None,
        "waiting": _waiting(lecture, rows) if rights.mark else (),
        "on_devices_of_others": scans_on_devices_of_others(lecture) if rights.mark else (),
        "own_status": status_in(lecture, request.user) if rights.attend else None,
        "substitutes": substitutes_of(lecture) if rights.read else (),
        "substitute_form": SubstituteForm(lecture.organisation) if rights.manage else None,
        "open_form": OpenSessionForm(initial={"minutes": lecture.organisation.session_minutes}),
        **heads_counted(session if rights.mark else None, rows),
    }
    return render(request, "lectures/_live.html" if PART_HEADER in request.headers else "lectures/live.html", context)


def _waiting(lecture: Lecture, rows: Iterable[RegisterRow]) -> list[tuple[CheckInAttempt, RegisterRow]]:
    """Return the scans that wait for the teacher, each with its student's row of the register."""
    scans = {scan.student_id: scan for scan in scans_waiting(lecture)}
    return [(scans[row.student.pk], row) for row in rows if row.student.pk in scans]


@require_POST
@signed_in
def session_open(request: SignedInRequest, lecture_id: int) -> HttpResponse:
    """Open check-in and go to the register."""
    lecture = mark_lecture(request.user, lecture_id)
    form = OpenSessionForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(form.sentence_at(name) for name in form.errors))
        return redirect("lecture_show", lecture.pk)
    try:
        attendance_sessions.open_session(lecture=lecture, actor=request.user, **form.cleaned_data)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("lecture_show", lecture.pk)
    return redirect("register_edit", lecture.pk)


@signed_in
def session_close(request: SignedInRequest, lecture_id: int) -> HttpResponse:
    """Ask what shall become of the blanks, then close check-in."""
    lecture = mark_lecture(request.user, lecture_id)
    session = open_session_of(lecture)
    if session is None:
        messages.info(request, _("Check-in is not open for this lecture."))
        return redirect("lecture_show", lecture.pk)
    if request.method != "POST":
        context = {"lecture": lecture, "session": session, "tally": Tally.of(register_of(lecture))}
        return render(request, "lectures/close.html", {"current_place": "course_list", **context})
    fill = request.POST.get("blanks") == "absent"
    try:
        absent = attendance_sessions.close_session(session=session, actor=request.user, mark_rest_absent=fill)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _closed_sentence(absent))
    return redirect("lecture_show", lecture.pk)


def _closed_sentence(absent: int) -> str:
    if not absent:
        return _("Check-in is closed.")
    return ngettext(
        "Check-in is closed. %(count)d student without a mark was marked absent.",
        "Check-in is closed. %(count)d students without a mark were marked absent.",
        absent,
    ) % {"count": absent}


@require_GET
@signed_in
def history_show(request: SignedInRequest, lecture_id: int, student_id: int) -> HttpResponse:
    """Show every event of one student in one lecture, to the course staff and to that student."""
    lecture, rights = see_lecture(request.user, lecture_id)
    if not rights.read and student_id != request.user.pk:
        raise Http404
    row = next((row for row in register_of(lecture) if row.student.pk == student_id), None)
    if row is None:
        raise Http404
    context = {"lecture": lecture, "row": row, "history": history_of(lecture, row.student)}
    return render(request, "lectures/history.html", {"current_place": "course_list", **context})
