"""Checking in: scans and typed codes, and the projector they come from."""

from typing import Any
from uuid import uuid4

from attendance import clock
from attendance.models import AttendanceSession, CheckInAttempt, Device
from attendance.services.attendance_sessions import open_session
from tests.cast import Campus
from tests.scans import shown, typed_now

#   address                method  anonymous outsider inside other owner assistant auditor admin foreign admin
MATRIX = """
    check_in_scan            GET     login   200     200     go      go      go      go      go      go
    check_in_scan_lower      GET     go      go      go      go      go      go      go      go      go
    check_in_type            GET     login   200     200     go      go      go      go      go      go
    check_in_type            POST    login   404     200     go      go      go      go      go      go
    check_in_type_lower      GET     go      go      go      go      go      go      go      go      go
    check_in_send            GET     login   go      go      go      go      go      go      go      go
    check_in_send            POST    login   go      go      go      go      go      go      go      go
    check_in_camera          GET     login   200     200     404     404     404     404     404     404
    scan_show                GET     login   404     200     404     404     404     404     404     404
    offline_scan_send        POST    401     403     200     404     404     404     404     404     404
    device_list              GET     login   404     404     404     200     200     200     200     404
    device_forget            POST    login   404     go      404     go      go      403     go      404
    projector_show           GET     login   404     403     404     200     200     403     200     404
    projector_codes          GET     login   404     403     404     200     200     403     200     404
"""

PAGES = {
    "amira": ["check_in_camera", "check_in_type", "scan_show"],
    "ines": ["projector_show", "device_list"],
    "auditor": ["device_list"],
}


def stage(campus: Campus) -> dict[str, Any]:
    """Check-in is open, and Amira has scanned a code that was too old with a phone that is known."""
    session = open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    attempt = CheckInAttempt.objects.create(
        organisation=campus.organisation,
        student=campus.amira,
        lecture=campus.lecture,
        session=session,
        outcome=CheckInAttempt.Outcome.CODE_EXPIRED,
        scanned_at=clock.now(),
    )
    device = Device.objects.create(student=campus.amira, key_hash="0" * 64, public_key=b"", browser="Safari, iPhone")
    return {"code": shown(session), "scan_id": attempt.pk, "device_id": device.pk}


def body_for(campus: Campus, name: str) -> dict[str, object]:
    """What is posted."""
    session = AttendanceSession.objects.filter(lecture=campus.lecture, closed_at__isnull=True).first()
    if session is None:
        return {}
    return {
        "check_in_type": {"code": typed_now(session)},
        "offline_scan_send": {"code": shown(session), "scanned_at": "1", "nonce": str(uuid4())},
    }.get(name, {})
