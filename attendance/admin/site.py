"""Django's admin behind our own door: operators enter, nobody else learns that it is there."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse


class OperatorSite(AdminSite):
    """The admin for operators (`is_superuser`), signed in through the product's own throttled page."""

    site_header = "LuminaLearn operator"
    site_title = "LuminaLearn operator"
    index_title = ""

    def has_permission(self, request: HttpRequest) -> bool:
        """Only an active operator may enter."""
        return request.user.is_active and request.user.is_superuser

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send visitors to the product's login page.

        Raises:
            Http404: somebody is signed in and is not an operator.
        """
        if request.user.is_authenticated:
            raise Http404
        return redirect_to_login(request.get_full_path())
