"""Clearing and warming the cache by hand: an administrator for the own organisation, an operator for all or for one."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from attendance.access import SignedInRequest, cache_scope, signed_in
from attendance.models import Organisation
from attendance.queries.cache_figures import kept_of, warmable
from attendance.queries.organisations import all_organisations
from attendance.services import cache_operations
from attendance.views import cache_words
from attendance.views.cache_stats import PLACE
from attendance.views.durations import about


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def cache_clear(request: SignedInRequest) -> HttpResponse:
    """Say what clearing `resource` ends, and end it; without a resource that is everything, which operators may."""
    organisation, resource = _asked(request)
    kept = kept_of(resource, organisation)
    if kept is None or not (resource or request.user.is_superuser):
        raise Http404
    if request.method != "POST":
        context = {
            "organisation": organisation,
            "resource": resource,
            "kept": kept,
            "wait": about(kept.load_seconds) if kept.load_seconds else "",
            "back": _page_of(request, organisation),
            **PLACE,
        }
        return render(request, "attendance/cache_clear.html", context)
    ended = cache_operations.clear(resource=resource or None, organisation=organisation, actor=request.user)
    messages.success(request, cache_words.cleared(resource, ended))
    return redirect(_page_of(request, organisation))


@require_POST
@signed_in
def cache_warm(request: SignedInRequest) -> HttpResponse:
    """Make copies of `resource`, or without one of all that can be made before anybody asks."""
    organisation, resource = _asked(request)
    if resource and resource not in warmable():
        raise Http404
    organisations = [organisation] if organisation else list(all_organisations())
    outcome = cache_operations.warm(resource=resource or None, organisations=organisations)
    (messages.warning if outcome.reason else messages.success)(request, cache_words.warmed(outcome))
    return redirect(_page_of(request, organisation))


def _asked(request: SignedInRequest) -> tuple[Organisation | None, str]:
    """Return whose part of the cache is meant, and which resource.

    Raises:
        Http404: the reader may not act on it.
    """
    asked = request.POST if request.method == "POST" else request.GET
    return cache_scope(request.user, asked.get("organisation", "")), asked.get("resource", "")


def _page_of(request: SignedInRequest, organisation: Organisation | None) -> str:
    """Return the address of the statistics that the reader came from."""
    chosen = {"organisation": organisation.slug} if organisation and request.user.is_superuser else {}
    return reverse("cache_stats") + (f"?{urlencode(chosen)}" if chosen else "")
