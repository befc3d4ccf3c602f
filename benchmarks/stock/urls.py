"""One page of as many bytes as the address says, for whoever is logged in."""

from functools import lru_cache

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import path


@lru_cache
def _page(size: int) -> bytes:
    return b"x" * size


@login_required
def constant(_request: HttpRequest, size: int) -> HttpResponse:
    """Return the page."""
    return HttpResponse(_page(size))


urlpatterns = [path("constant/<int:size>/", constant)]
