"""One page of as many bytes as the address says, and a form that inserts one row, for whoever is logged in."""

from functools import lru_cache

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from benchmarks.stock.models import Signature


@lru_cache
def _page(size: int) -> bytes:
    return b"x" * size


@login_required
def constant(_request: HttpRequest, size: int) -> HttpResponse:
    """Return the page."""
    return HttpResponse(_page(size))


@require_POST
@login_required
def sign(request: HttpRequest) -> HttpResponse:
    """Store that the reader signed."""
    Signature.objects.create(user=request.user)
    return HttpResponse("Signed.")


urlpatterns = [path("constant/<int:size>/", constant), path("sign/", sign)]
