"""Checking in: a scan sets a claim, and the form behind it checks in; or a code is typed."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from attendance.access import SignedInRequest, own_scan, signed_in
from attendance.models import AttendanceSession, CheckInAttempt, User
from attendance.queries.claims import LIFETIME, Claim, claim_of, sealed, session_numbered, unsealed
from attendance.services import check_in
from attendance.services.devices import Signature
from attendance.services.scans import Sender
from attendance.services.throttle import Attempt
from attendance.sign_in.browsers import browser_name
from attendance.sign_in.client_address import client_address
from attendance.views.check_in_words import answer_to
from attendance.views.forms.check_in import TypedCodeForm
from attendance.views.limits import render_form, render_refused, wait_sentence
from attendance.views.sign_in import tries_sentence

CLAIM_COOKIE = "claim"
_PLACE = {"current_place": "dashboard"}
_TYPE = "check_in/type.html"
_View = Callable[..., HttpResponse]


def _for_students(view: _View) -> _View:
    """Let students in; visitors log in first, and staff who try their own code are told whose it is."""

    @wraps(view)
    def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.role != User.Role.STUDENT:
            messages.info(request, _("Students check in with this code. You are logged in as staff."))
            return redirect("dashboard")
        return view(request, *args, **kwargs)

    return signed_in(guarded)


@never_cache
@require_safe
def check_in_scan(request: HttpRequest, code: str) -> HttpResponse:
    """Answer a camera: keep the scan in the browser as a claim, and show the form that sends it; nothing is stored."""
    claim, session = claim_of(code)
    response = _asking(request, claim, session)
    response.set_cookie(
        CLAIM_COOKIE,
        sealed(claim),
        max_age=LIFETIME,
        path=reverse("check_in_send"),
        httponly=True,
        secure=request.is_secure(),
        samesite="Lax",
    )
    return response


def _asking(request: HttpRequest, claim: Claim, session: AttendanceSession | None) -> HttpResponse:
    """Show the form to students; a visitor logs in first and finds it then."""
    if request.user.is_authenticated:
        return _form_page(request, claim, session)
    if session is not None:
        kept_until = claim.kept_until.astimezone(session.lecture.organisation.zone)
        sentence = _("Your scan is kept until %(time)s. Log in to finish.")
        messages.info(request, sentence % {"time": f"{kept_until:%H:%M:%S}"})
    return redirect_to_login(reverse("check_in_send"))


@_for_students
def _form_page(request: SignedInRequest, claim: Claim, session: AttendanceSession | None) -> HttpResponse:
    return render(request, "check_in/send.html", {"claim": claim, "lecture": session.lecture if session else None})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@_for_students
def check_in_send(request: SignedInRequest) -> HttpResponse:
    """Show the form for the scan that this browser keeps, and take it; sent again it is answered the same."""
    claim = unsealed(request.COOKIES.get(CLAIM_COOKIE, ""))
    if claim is None:
        messages.info(
            request, _("This browser keeps no scan. Scan the code on the projector, or type the one beside it.")
        )
        return redirect("check_in_type")
    if request.method != "POST":
        return _form_page(request, claim, session_numbered(claim.session_id))
    return _answered(request, check_in.check_in(student=request.user, claim=claim, sender=sender_of(request)))


def sender_of(request: SignedInRequest) -> Sender:
    """Return what a request tells of the browser that sends a scan; without its script there is no signature."""
    sent, browser = request.POST, browser_name(request.headers.get("User-Agent", ""))
    signature = Signature(sent.get("device", ""), sent.get("signature", ""), browser)
    return Sender(signature, client_address(request))


def _answered(request: SignedInRequest, attempt: CheckInAttempt) -> HttpResponse:
    """Show what became of a scan, with the status that says the same to machines."""
    context = _context(attempt)
    return render(request, "check_in/result.html", context, status=context["answer"].status)


def _context(attempt: CheckInAttempt) -> dict[str, Any]:
    lecture = attempt.lecture
    may_claim = attempt.was_refused and lecture is not None and attempt.outcome != CheckInAttempt.Outcome.NOT_ENROLLED
    return {"attempt": attempt, "answer": answer_to(attempt), "lecture": lecture, "may_claim": may_claim, **_PLACE}


@never_cache
@require_safe
@signed_in
def scan_show(request: SignedInRequest, scan_id: int) -> HttpResponse:
    """Show what became of a scan of the reader's own."""
    return render(request, "check_in/result.html", _context(own_scan(request.user, scan_id)))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@_for_students
def check_in_type(request: SignedInRequest) -> HttpResponse:
    """Show and take the form for the code that is typed in the back row."""
    form = TypedCodeForm(request.POST or None)
    if not form.is_valid():
        return render_form(request, _TYPE, form, **_PLACE)
    code = form.cleaned_data["code"]
    answer = check_in.check_in_typed(student=request.user, code=code, sender=sender_of(request))
    if answer.tries is None:
        return _answered(request, answer.attempt)
    return _wrong_code(request, form, answer.attempt, answer.tries)


def _wrong_code(request: SignedInRequest, form: TypedCodeForm, attempt: CheckInAttempt, tries: Attempt) -> HttpResponse:
    if not tries.admitted:
        form.add_error("code", " ".join([answer_to(attempt).sentence, wait_sentence(request, tries)]))
        return render_refused(request, _TYPE, form, tries, **_PLACE)
    wrong = _("That code is not on the projector now. It changes every 30 seconds.")
    form.add_error("code", " ".join([wrong, tries_sentence(request, tries)]))
    return render_form(request, _TYPE, form, **_PLACE)


@require_safe
def check_in_lower(request: HttpRequest, code: str = "") -> HttpResponse:
    """Lead to the same address in capitals, as codes have it: people type small letters."""
    return redirect("check_in_scan", code.upper()) if code else redirect("check_in_type")
