"""The scanner in a page, for those who open the product before they point a camera."""

from csp.constants import WASM_UNSAFE_EVAL
from csp.decorators import csp_update
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from attendance.access import SignedInRequest, only
from attendance.models import User


# The decoder for browsers that have none is WebAssembly, which this page alone may compile.
@csp_update({"script-src": [WASM_UNSAFE_EVAL]})
# Asked for anew each time, but kept by the browser: going back to it without a network brings it back.
@cache_control(private=True, no_cache=True)
@require_safe
@only(User.Role.STUDENT)
def check_in_camera(request: SignedInRequest) -> HttpResponse:
    """Show the page that reads the projector's code with the device's camera; what it reads, `check_in_scan` takes."""
    return render(request, "check_in/scan.html", {"current_place": "dashboard"})
