"""The page for visitors: what this is and where to log in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from attendance.models import Status


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show visitors what LuminaLearn is; everybody else goes on to their own day."""
    if request.user.is_authenticated:
        return redirect("dashboard")
    return render(request, "home.html", {"statuses": Status.choices})
