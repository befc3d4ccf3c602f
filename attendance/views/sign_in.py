"""Logging in and out."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from attendance.services import login_sessions
from attendance.services.throttle import Attempt
from attendance.sign_in.openid.provider import configured
from attendance.views.forms.sign_in import LoginForm
from attendance.views.limits import render_form, render_refused, wait_sentence

_TEMPLATE = "sign_in/login.html"


def safe_next(request: HttpRequest) -> str:
    """Return the page of this site that `next` asks for; empty when it asks for none or leads elsewhere."""
    address: str = request.POST.get("next") or request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if is_ours else ""


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Show and take the login form, and go on to the page that was asked for."""
    next_page = safe_next(request)
    if request.user.is_authenticated:
        return redirect(next_page or "dashboard")
    form = LoginForm(request.POST or None)
    if not form.is_valid():
        return render_form(request, _TEMPLATE, form, **_around(next_page))
    person, attempt = login_sessions.log_in(
        request=request,
        identifier=form.cleaned_data["username"],
        password=form.cleaned_data["password"],
        keep=form.cleaned_data["keep"],
    )
    if person is not None:
        return redirect(next_page or "dashboard")
    form.add_error("password", failure_sentence(request, attempt))
    if not attempt.admitted:
        return render_refused(request, _TEMPLATE, form, attempt, **_around(next_page))
    return render_form(request, _TEMPLATE, form, **_around(next_page))


def _around(next_page: str) -> dict[str, str]:
    """Return what stands around the form: where to go afterwards, and the institution's own login when there is one."""
    label = (settings.OIDC_BUTTON_LABEL or _("Log in with your institution’s account")) if configured() else ""
    return {"next": next_page, "openid_label": label}


def failure_sentence(request: HttpRequest, attempt: Attempt) -> str:
    """Return why nobody was logged in: the same for a wrong password, an unknown name and a closed account."""
    if not attempt.admitted:
        return " ".join([_("Too many attempts failed."), wait_sentence(request, attempt)])
    return " ".join([_("That password does not match this number or e-mail."), tries_sentence(request, attempt)])


def tries_sentence(request: HttpRequest, attempt: Attempt) -> str:
    """Return how many attempts are left, or when the next one is looked at."""
    if attempt.left == 0:
        return wait_sentence(request, attempt)
    return ngettext("%(count)d try is left.", "%(count)d tries are left.", attempt.left) % {"count": attempt.left}


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """Sign this browser out."""
    login_sessions.log_out(request=request)
    messages.info(request, _("You are logged out."))
    return redirect("home")
