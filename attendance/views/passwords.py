"""Changing a password and replacing a forgotten one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from attendance.access import SignedInRequest, signed_in
from attendance.queries.passwords import person_of_reset_link
from attendance.services import passwords
from attendance.services.refusals import Refusal
from attendance.sign_in.client_address import client_address
from attendance.views.forms.passwords import NewPasswordForm, PasswordChangeForm, ResetRequestForm
from attendance.views.limits import render_form, render_refused, wait_sentence
from attendance.views.sign_in import tries_sentence

_RESET = "sign_in/password_reset.html"
_CONFIRM = "sign_in/password_reset_confirm.html"
_CHANGE = "sign_in/password_change.html"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def password_reset(request: HttpRequest) -> HttpResponse:
    """Ask who forgot the password, and give one answer whether or not there is such an account."""
    form = ResetRequestForm(request.POST or None)
    if not form.is_valid():
        return render_form(request, _RESET, form)
    attempt = passwords.ask_for_reset(
        identifier=form.cleaned_data["username"],
        address=client_address(request),
        link_to=lambda key, token: request.build_absolute_uri(reverse("password_reset_confirm", args=[key, token])),
    )
    if attempt.admitted:
        return redirect("password_reset_sent")
    form.add_error("username", " ".join([_("This was asked for too often."), wait_sentence(request, attempt)]))
    return render_refused(request, _RESET, form, attempt)


@never_cache
@require_safe
def password_reset_sent(request: HttpRequest) -> HttpResponse:
    """Say that a mail is on its way, if there is anybody to send it to."""
    return render(request, "sign_in/password_reset_sent.html")


@sensitive_post_parameters("new_password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def password_reset_confirm(request: HttpRequest, uidb64: str, token: str) -> HttpResponse:
    """Show and take the form for a new password behind a mailed link."""
    person = person_of_reset_link(uidb64, token)
    if person is None:
        return _dead_link(request)
    form = NewPasswordForm(person, request.POST or None)
    if not form.is_valid():
        return render_form(request, _CONFIRM, form, person=person)
    try:
        passwords.reset_password(person=person, token=token, password=form.cleaned_data["new_password"])
    except Refusal:
        return _dead_link(request)
    messages.success(request, _("Your password is changed. Log in with the new one."))
    return redirect("login")


def _dead_link(request: HttpRequest) -> HttpResponse:
    return render(request, "sign_in/password_reset_dead.html", status=410)


@sensitive_post_parameters("present_password", "new_password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def password_change(request: SignedInRequest) -> HttpResponse:
    """Show and take the form with the present and a new password; the person's other browsers are signed out."""
    form = PasswordChangeForm(request.user, request.POST or None)
    if not form.is_valid():
        return render_form(request, _CHANGE, form)
    known, attempt = passwords.confirm_password(
        request=request, person=request.user, present_password=form.cleaned_data["present_password"]
    )
    if not attempt.admitted:
        form.add_error("present_password", " ".join([_("Too many attempts failed."), wait_sentence(request, attempt)]))
        return render_refused(request, _CHANGE, form, attempt)
    if not known:
        sentence = [_("That is not the password you have now."), tries_sentence(request, attempt)]
        form.add_error("present_password", " ".join(sentence))
        return render_form(request, _CHANGE, form)
    passwords.change_password(request=request, person=request.user, password=form.cleaned_data["new_password"])
    messages.success(request, _("Your password is changed. Your other browsers are logged out."))
    return redirect("profile_show")
