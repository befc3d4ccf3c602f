"""Pages for what went wrong: each says what to do next."""

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400."""
    return render(request, "errors/400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403 with the reason."""
    return render(request, "errors/403.html", {"reason": str(exception)}, status=403)


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a form whose CSRF token is missing or stale."""
    return render(request, "errors/form_expired.html", status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404: the same page for what does not exist and for what is not the reader's."""
    return render(request, "errors/404.html", {"path": request.path}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500 with a page that needs neither database nor session."""
    return HttpResponseServerError(render_to_string("errors/500.html"))
