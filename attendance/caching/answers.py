"""Answers of cached pages: a kept page with its holes filled for its reader, and what an answer says of itself."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils.http import parse_etags

from attendance.caching import bodies, holes
from attendance.caching.bodies import Body

_CACHE = "LuminaLearn"
"""What this cache calls itself in Cache-Status (RFC 9211, 2)."""
HIT = "hit"
STORED = "fwd=miss; stored"
WAITED = "fwd=miss; collapsed"
UNKEPT = "fwd=miss"
_CONTROL = "private, no-cache"
_VARY = "Cookie, Accept-Language, Accept-Encoding"
_OWN_HEADERS = {"content-length", "vary", "cache-control", "etag", "set-cookie"}
_LEAST_COMPRESSED = 200
"""Bytes from which compressing is worth it, as in Django's own middleware."""


def kept(response: HttpResponse, parts: list[bytes], names: list[str]) -> Body:
    """Return what is kept of an answer that was made with markers in its holes."""
    headers = [(name, text) for name, text in response.items() if name.lower() not in _OWN_HEADERS]
    return bodies.made_of(headers, parts, names)


def answer(request: HttpRequest, body: Body, principal: Any, status: str) -> HttpResponse:
    """Return a kept page as the answer to this reader: not modified, compressed, or as it is."""
    values = holes.values_for(body.holes, request, principal)
    etag = _etag(body, request, values)
    if _has_it(request, etag):
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = _whole(request, body, values)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = _CONTROL
    response.headers["Vary"] = _VARY
    if principal.sees_why:
        response.headers["Cache-Status"] = f"{_CACHE}; {status}"
    return response


def _whole(request: HttpRequest, body: Body, values: Mapping[str, bytes]) -> HttpResponse:
    plain = body.plain(values)
    compressed = len(plain) >= _LEAST_COMPRESSED and "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", "")
    response = HttpResponse(body.gzipped(plain, values) if compressed else plain)
    for name, text in body.headers:
        response.headers[name] = text
    if compressed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(response.content))
    return response


def _etag(body: Body, request: HttpRequest, values: Mapping[str, bytes]) -> str:
    """Return a weak tag (RFC 9110, 8.8.3) over the page and its holes; a token counts by its secret, not its mask."""
    secret = request.COOKIES.get(settings.CSRF_COOKIE_NAME, "").encode()
    fillings = [values[name] if name != holes.CSRF else secret for name in body.holes]
    digest = sha256(b"\0".join([body.mark.encode(), *fillings])).hexdigest()
    return f'W/"{digest[:32]}"'


def _has_it(request: HttpRequest, etag: str) -> bool:
    asked = request.META.get("HTTP_IF_NONE_MATCH", "")
    return asked != "" and etag in parse_etags(asked)


def bypass(reason: str) -> str:
    """Return the status of an answer for which the cache was not asked."""
    return f'fwd=bypass; detail="{reason}"'


def passed(response: HttpResponseBase, status: str, *, sees_why: bool) -> HttpResponseBase:
    """Return an answer of the view itself, which no cache may use again without asking."""
    if not response.has_header("Cache-Control"):
        response.headers["Cache-Control"] = _CONTROL
    if sees_why:
        response.headers["Cache-Status"] = f"{_CACHE}; {status}"
    return response
