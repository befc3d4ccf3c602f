"""Logging in at the institution's OpenID provider."""

import logging

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from attendance.services.identities import identify
from attendance.services.login_sessions import begin_session
from attendance.sign_in.openid.attempts import LIFETIME, Attempt, new_attempt, question, sealed, unsealed
from attendance.sign_in.openid.failures import Failure, OpenIdError
from attendance.sign_in.openid.provider import Metadata, Provider, configured, metadata_of
from attendance.sign_in.openid.tokens import redeem
from attendance.views.sign_in import safe_next

COOKIE = "openid"
log = logging.getLogger("lumina_learn")


@never_cache
@require_GET
def openid_start(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider with a cookie to come back with; nothing is stored here."""
    provider = _provider()
    next_page = safe_next(request)
    if request.user.is_authenticated:
        return redirect(next_page or "dashboard")
    attempt = new_attempt(next_page)
    try:
        there = question(provider, metadata_of(provider), attempt, _answer_to(request))
    except OpenIdError as error:
        return _failed(error)
    response = redirect(there)
    response.set_cookie(
        COOKIE,
        sealed(attempt),
        max_age=LIFETIME,
        path=reverse("openid_callback"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",  # The provider sends the browser back from another site.
    )
    return response


@never_cache
@require_GET
def openid_callback(request: HttpRequest) -> HttpResponse:
    """Take the provider's answer and sign the person in: the one GET that writes, because the protocol has it so.

    It does so once, in the browser that began: the cookie goes with the first answer, and the provider takes a code
    back once.
    """
    provider = _provider()
    try:
        attempt = unsealed(request.COOKIES.get(COOKIE, ""), request.GET.get("state", ""))
        response = _signed_in(request, provider, attempt)
    except OpenIdError as error:
        response = _failed(error)
    response.delete_cookie(COOKIE, path=reverse("openid_callback"), samesite="Lax")
    return response


def _signed_in(request: HttpRequest, provider: Provider, attempt: Attempt) -> HttpResponse:
    metadata = metadata_of(provider)
    code = _code(request, provider, metadata)
    claims = redeem(provider, metadata, attempt, code=code, answer_to=_answer_to(request))
    person = identify(claims=claims, organisation=provider.organisation)
    begin_session(request=request, person=person, keep=False)
    log.info("User %s logged in at the OpenID provider", person.pk)
    return redirect(attempt.next_page or "dashboard")


def _code(request: HttpRequest, provider: Provider, metadata: Metadata) -> str:
    """Return the code of an answer (RFC 6749, section 4.1.2; the issuer in it: RFC 9207).

    Raises:
        OpenIdError: the provider let nobody in, or somebody else answered.
    """
    issuer = request.GET.get("iss")
    if issuer != provider.issuer and (issuer is not None or metadata.names_itself):
        raise OpenIdError(Failure.UNTRUSTED, "another issuer answered")
    error = request.GET.get("error")
    if error is not None:
        # What stands in the address may be anybody's words, so it is not logged.
        raise OpenIdError(Failure.DENIED if error == "access_denied" else Failure.BROKEN, "the provider said no")
    code = request.GET.get("code")
    if not code:
        raise OpenIdError(Failure.BROKEN, "no code")
    return code


@never_cache
@require_safe
def openid_failed(request: HttpRequest, why: str) -> HttpResponse:
    """Say why nobody was logged in; the address of the provider's answer, with its code, is left behind."""
    if why not in {failure.value for failure in Failure}:
        raise Http404
    failure = Failure(why)
    context = {"failure": failure, "is_on": configured() is not None}
    return render(request, "sign_in/openid_failed.html", context, status=failure.status)


def _provider() -> Provider:
    provider = configured()
    if provider is None:
        raise Http404
    return provider


def _answer_to(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("openid_callback"))


def _failed(error: OpenIdError) -> HttpResponse:
    log.warning("A login at the OpenID provider failed: %s", error)
    return redirect("openid_failed", error.failure.value)
