"""Django's admin behind our own door: operators enter, nobody else learns that it is there."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect


class OperatorSite(AdminSite):
    """The admin for operators (`is_superuser`), signed in through the product's own throttled page."""

    site_header = "LuminaLearn operator"
    site_title = "LuminaLearn operator"
    index_title = ""

    def has_permission(self, request: HttpRequest) -> bool:
        """Only an active operator may enter."""
        return request.user.is_active and request.user.is_superuser

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        """Send visitors to the product's login page and answer 404 to everybody else who is no operator."""
        opened = super().admin_view(view, cacheable)

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not self.has_permission(request):
                raise Http404
            return opened(request, *args, **kwargs)  # type: ignore[no-any-return]

        return guarded

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one login page, the product's."""
        return redirect("login")
