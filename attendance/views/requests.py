"""Requests: what a student asks for, and what those who decide make of it; and the scans behind a claim."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from attendance.access import SignedInRequest, decide_request, only, own_request, see_request
from attendance.models import Request, Status, User
from attendance.queries.requests import lecture_to_correct, requests_found, requests_per_state, scan_to_claim, scans_of
from attendance.services import requests
from attendance.services.refusals import Refusal
from attendance.views.forms.base import LookForm
from attendance.views.forms.requests import AnswerForm, CorrectionForm, DropForm, LeaveForm, OtherForm
from attendance.views.limits import render_form

PAGE_SIZE = 50
_everybody_but_auditors = only(User.Role.ADMIN, User.Role.TEACHER, User.Role.STUDENT)
_student = only(User.Role.STUDENT)


@require_safe
@_everybody_but_auditors
def request_list(request: SignedInRequest) -> HttpResponse:
    """List the requests of a student, or those that the reader decides; `status` filters by state."""
    state = request.GET.get("status", "" if request.user.role == User.Role.STUDENT else Request.State.PENDING.value)
    state = state if state in Request.State.values else ""
    numbers = requests_per_state(request.user)
    context = {
        "current_place": "request_list",
        "page": Paginator(requests_found(request.user, state=state), PAGE_SIZE).get_page(request.GET.get("page")),
        "state": state,
        "states": [(value, label, numbers.get(value, 0)) for value, label in Request.State.choices],
        "total": sum(numbers.values()),
    }
    return render(request, "requests/list.html", context)


@_student
def leave_create(request: SignedInRequest) -> HttpResponse:
    """Show and take when the student is away."""
    form = LeaveForm(request.user, request.POST or None)
    return _filed(request, form, requests.file_leave, _("Ask for leave"))


@_student
def drop_create(request: SignedInRequest) -> HttpResponse:
    """Show and take which course the student leaves."""

    def save(**fields: Any) -> None:
        requests.file_other(kind=Request.Kind.CLASS_DROP, **fields)

    return _filed(request, DropForm(request.user, request.POST or None), save, _("Leave a course"))


@_student
def request_create(request: SignedInRequest) -> HttpResponse:
    """Show and take something for the administration."""
    return _filed(request, OtherForm(request.POST or None), requests.file_other, _("Ask the administration"))


@_student
def correction_create(request: SignedInRequest) -> HttpResponse:
    """Show and take which mark is wrong: of the `lecture`, or of the refused scan `scan` in the address."""
    attempt = scan_to_claim(request.user, request.GET.get("scan", ""))
    lecture = attempt.lecture if attempt else lecture_to_correct(request.user, request.GET.get("lecture", ""))
    if lecture is None:
        raise Http404

    def save(**fields: Any) -> None:
        requests.file_correction(lecture=lecture, attempt=attempt, **fields)

    form = CorrectionForm(request.POST or None, initial={"wanted_status": Status.PRESENT})
    heading = _("Claim a refused scan") if attempt else _("Ask for a correction")
    return _filed(request, form, save, heading, lecture=lecture, attempt=attempt)


def _filed(
    request: SignedInRequest, form: LookForm, save: Callable[..., object], heading: str, **words: object
) -> HttpResponse:
    """Show a form and, when it is right, file what it says; a refusal stands at its top."""
    if form.is_valid():
        try:
            save(student=request.user, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Filed. You find the answer here."))
            return redirect("request_list")
    context = {"current_place": "request_list", "heading": heading, **words}
    return render_form(request, "requests/create.html", form, **context)


@require_safe
@_everybody_but_auditors
def request_show(request: SignedInRequest, request_id: int) -> HttpResponse:
    """Show a request to its student and to those who decide it."""
    shown = see_request(request.user, request_id)
    context = {
        "current_place": "request_list",
        "shown": shown,
        "is_own": shown.student_id == request.user.pk,
        "waits": shown.state == Request.State.PENDING,
        "to_be_done": shown.state == Request.State.APPROVED,
        "answer_form": AnswerForm(),
    }
    return render(request, "requests/show.html", context)


@require_POST
@_everybody_but_auditors
def request_cancel(request: SignedInRequest, request_id: int) -> HttpResponse:
    """Take an own request back."""
    shown = own_request(request.user, request_id)
    return _done(request, shown, lambda: requests.cancel(request=shown))


@require_POST
@_everybody_but_auditors
def request_decide(request: SignedInRequest, request_id: int) -> HttpResponse:
    """Approve or reject a request."""
    shown, form = decide_request(request.user, request_id), AnswerForm(request.POST)
    decision = request.POST.get("decision")
    if not form.is_valid() or decision not in ("approve", "reject"):
        messages.error(request, _("Choose approve or reject, with an answer of up to 500 characters."))
        return redirect("request_show", shown.pk)
    said: dict[str, Any] = {"approve": decision == "approve", "answer": form.cleaned_data["answer"]}
    return _done(request, shown, lambda: requests.decide(request=shown, actor=request.user, **said))


@require_POST
@_everybody_but_auditors
def request_complete(request: SignedInRequest, request_id: int) -> HttpResponse:
    """Note that what was approved is done."""
    shown = decide_request(request.user, request_id)
    return _done(request, shown, lambda: requests.complete(request=shown))


def _done(request: SignedInRequest, shown: Request, act: Callable[[], object]) -> HttpResponse:
    try:
        act()
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("request_show", shown.pk)


@require_safe
@_student
def scan_list(request: SignedInRequest) -> HttpResponse:
    """List the student's own scans with what became of each."""
    page = Paginator(scans_of(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "requests/scans.html", {"current_place": "request_list", "page": page})
