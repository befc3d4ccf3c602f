"""Figures for a monitoring system, which shows a token instead of logging in."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from attendance.caching.exposition import CONTENT_TYPE, written
from attendance.queries.cache_metrics import cache_metrics

_SCHEME = "Bearer "


@never_cache
@require_safe
def metrics_show(request: HttpRequest) -> HttpResponse:
    """Return the cache's figures as Prometheus reads them, to whoever has the token; without a token there is no page.

    The token comes in the header `Authorization: Bearer TOKEN` (RFC 6750, 2.1).

    Raises:
        Http404: METRICS_TOKEN is not set.
    """
    if not settings.METRICS_TOKEN:
        raise Http404
    if not _has_token(request):
        return HttpResponse(status=401, headers={"WWW-Authenticate": 'Bearer realm="metrics"'})
    return HttpResponse(written(cache_metrics()), content_type=CONTENT_TYPE)


def _has_token(request: HttpRequest) -> bool:
    shown = request.headers.get("Authorization", "")
    given = shown.removeprefix(_SCHEME) if shown.startswith(_SCHEME) else ""
    return constant_time_compare(given, settings.METRICS_TOKEN)
