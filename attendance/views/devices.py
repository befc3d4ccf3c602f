"""The devices that check students in: listed to those who look after a student, and forgotten by them or the owner."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from attendance.access import SignedInRequest, forget_device, see_student, signed_in
from attendance.models import User
from attendance.queries.devices import devices_of
from attendance.services import devices
from attendance.services.refusals import Refusal


@never_cache
@require_safe
@signed_in
def device_list(request: SignedInRequest, student_id: int) -> HttpResponse:
    """Show a student's devices to the staff of the student's courses and to the administration."""
    student = see_student(request.user, student_id)
    context = {
        "current_place": "student_list",
        "student": student,
        "devices": devices_of(student),
        "may_forget": request.user.role != User.Role.AUDITOR,
    }
    return render(request, "check_in/devices.html", context)


@require_POST
@signed_in
def device_forget(request: SignedInRequest, device_id: int) -> HttpResponse:
    """Let a device be nobody's, so that whoever has the phone now can check in with it."""
    device = forget_device(request.user, device_id)
    try:
        devices.forget(device=device, actor=request.user)
    except Refusal as refusal:
        messages.info(request, str(refusal))
    else:
        messages.success(request, _("Forgotten. The next check-in from this device decides whose it is."))
    if device.student_id == request.user.pk:
        return redirect("profile_show")
    return redirect("device_list", device.student_id)
