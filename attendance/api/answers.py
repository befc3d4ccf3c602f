"""Answers for programs: who is let in, and what an error looks like."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from attendance.models import User

View = Callable[..., HttpResponse]


def error(status: int, code: str, message: str) -> JsonResponse:
    """Return an error as `{"error": {"code", "message"}}`."""
    return JsonResponse({"error": {"code": code, "message": message}}, status=status)


def listed(key: str, rows: bytes) -> HttpResponse:
    """Return rows that are JSON already as `{key: rows}`."""
    return HttpResponse(b'{"' + key.encode() + b'":' + rows + b"}", content_type="application/json")


def for_roles(*roles: User.Role) -> Callable[[View], View]:
    """Return a decorator that opens an address to these roles: 401 for visitors, 404 for all others."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return error(401, "not_signed_in", _("Log in first."))
            try:
                if request.user.role not in roles:
                    raise Http404
                return view(request, *args, **kwargs)
            except Http404:
                return error(404, "not_found", _("There is nothing here, or it is not for you."))

        return guarded

    return decorate
