"""The projector's page of a check-in, and the codes it draws."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from attendance import clock
from attendance.access import SignedInRequest, mark_lecture, signed_in
from attendance.queries.lectures import open_session_of
from attendance.queries.projector import ShownCode, codes_ahead
from attendance.queries.registers import heads_in
from attendance.queries.staff import owner_of


@never_cache
@require_safe
@signed_in
def projector_show(request: SignedInRequest, lecture_id: int) -> HttpResponse:
    """Show the code of the open check-in, for the hall; without scripts the page loads itself again for each code."""
    lecture = mark_lecture(request.user, lecture_id)
    session = open_session_of(lecture)
    codes = codes_ahead(session, _address_in(request)) if session else []
    if session is None or not codes:
        messages.info(request, _("Check-in is not open for this lecture."))
        return redirect("lecture_show", lecture.pk)
    here, expected = heads_in(lecture)
    context = {
        "lecture": lecture,
        "session": session,
        "owner": owner_of(lecture.offering),
        "code": codes[0],
        "here": here,
        "expected": expected,
        "late_from": lecture.starts_at + timedelta(minutes=lecture.organisation.late_after_minutes),
        "now": clock.now(),
        "host": request.get_host() + reverse("check_in_type_lower").rstrip("/"),
    }
    return render(request, "check_in/projector.html", context)


@never_cache
@require_safe
@signed_in
def projector_codes(request: SignedInRequest, lecture_id: int) -> JsonResponse:
    """Answer the present code and the next ones, how long each is shown, and how many are in."""
    lecture = mark_lecture(request.user, lecture_id)
    session = open_session_of(lecture)
    codes = codes_ahead(session, _address_in(request)) if session else []
    here, expected = heads_in(lecture)
    time = f"{timezone.localtime(clock.now()):%H:%M}"
    return JsonResponse({"codes": list(map(_plain, codes)), "here": here, "expected": expected, "time": time})


def _address_in(request: SignedInRequest) -> Any:
    """Return what makes a code the address of this site that a camera opens, in capitals to keep its picture small."""
    return lambda code: request.build_absolute_uri(reverse("check_in_scan", args=[code])).upper()


def _plain(code: ShownCode) -> dict[str, Any]:
    drawing = code.drawing
    return {
        "path": drawing.path,
        "side": drawing.side,
        "typed": code.typed,
        "begins_in": code.begins_in,
        "ends_in": code.ends_in,
    }
