"""Requests, and the scans behind a claim."""

from typing import Any

from attendance import clock
from attendance.models import CheckInAttempt, Request
from tests.cast import Campus

#   address                method  anonymous outsider inside other owner assistant auditor admin foreign admin
MATRIX = """
    request_list             GET     login   200     200     200     200     200     404     200     200
    request_create           GET     login   200     200     404     404     404     404     404     404
    request_create           POST    login   go      go      404     404     404     404     404     404
    leave_create             GET     login   200     200     404     404     404     404     404     404
    leave_create             POST    login   go      go      404     404     404     404     404     404
    drop_create              GET     login   200     200     404     404     404     404     404     404
    drop_create              POST    login   422     go      404     404     404     404     404     404
    correction_create        GET     login   404     404     404     404     404     404     404     404
    request_show             GET     login   404     200     404     200     200     404     200     404
    request_cancel           POST    login   404     go      404     403     403     404     403     404
    request_decide           POST    login   404     403     404     go      go      404     go      404
    request_complete         POST    login   404     403     404     go      go      404     go      404
    scan_list                GET     login   200     200     404     404     404     404     404     404
"""

STUDENT = ["request_list", "request_create", "leave_create", "drop_create", "request_show", "scan_list"]
PAGES = {"amira": STUDENT, "ines": ["request_list", "request_show"], "admin": ["request_list", "request_show"]}


def stage(campus: Campus) -> dict[str, Any]:
    """Amira was refused at the door, and asks to leave the course."""
    CheckInAttempt.objects.create(
        organisation=campus.organisation,
        student=campus.amira,
        lecture=campus.lecture,
        outcome=CheckInAttempt.Outcome.CODE_EXPIRED,
        scanned_at=clock.now(),
    )
    request = Request.objects.create(
        organisation=campus.organisation,
        student=campus.amira,
        kind=Request.Kind.CLASS_DROP,
        offering=campus.offering,
        reason="I moved to another course",
    )
    return {"request_id": request.pk}


def body_for(campus: Campus, name: str) -> dict[str, object]:
    """What is posted."""
    day = f"{clock.today(campus.organisation.zone)}"
    return {
        "request_create": {"kind": "card", "reason": "I lost it"},
        "leave_create": {"from_day": day, "until_day": day, "reason": "I am ill"},
        "drop_create": {"offering": campus.offering.pk, "reason": "Too many courses"},
        "request_decide": {"decision": "reject", "answer": "See me first"},
    }.get(name, {})
