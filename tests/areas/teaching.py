"""Courses, lectures, registers and the first page."""

from typing import Any

from attendance import clock
from attendance.services.attendance_sessions import open_session
from attendance.services.register import Mark, mark_register
from tests.cast import Campus

#   address                method  anonymous outsider inside other owner assistant auditor admin foreign admin
MATRIX = """
    dashboard                GET     login   200     200     200     200     200     200     200     200
    record_show              GET     login   200     200     404     404     404     404     404     404
    enrolment_create         GET     login   200     200     404     404     404     404     404     404
    course_list              GET     login   200     200     200     200     200     200     200     200
    course_create            GET     login   404     404     200     200     200     404     200     200
    course_edit              GET     login   404     403     404     200     403     403     200     404
    course_edit              POST    login   404     403     404     go      403     403     go      404
    policy_edit              GET     login   404     403     404     200     403     403     200     404
    policy_edit              POST    login   404     403     404     go      403     403     go      404
    course_archive           POST    login   404     403     404     go      403     403     go      404
    course_restore           POST    login   404     403     404     go      403     403     go      404
    excuse_create            GET     login   404     403     404     200     200     403     200     404
    excuse_create            POST    login   404     403     404     200     200     403     200     404
    assistant_remove         POST    login   404     403     404     go      403     403     go      404
    course_show              GET     login   404     200     404     200     200     200     200     404
    assistant_add            POST    login   404     403     404     go      403     403     go      404
    code_issue               POST    login   404     403     404     go      403     403     go      404
    code_withdraw            POST    login   404     403     404     go      403     403     go      404
    lecture_create           GET     login   404     403     404     200     403     403     200     404
    lecture_create           POST    login   404     403     404     go      403     403     go      404

    lecture_list             GET     login   200     200     200     200     200     200     200     200
    event_list               GET     login   404     404     404     404     404     200     200     200
    lecture_show             GET     login   404     200     404     200     200     200     200     404
    lecture_live             GET     login   404     200     404     200     200     200     200     404
    lecture_edit             GET     login   404     403     404     200     403     403     200     404
    lecture_edit             POST    login   404     403     404     go      403     403     go      404
    lecture_cancel           POST    login   404     403     404     go      403     403     go      404
    lecture_restore          POST    login   404     403     404     go      403     403     go      404
    substitute_add           POST    login   404     403     404     go      403     403     go      404
    substitute_remove        POST    login   404     403     404     go      403     403     go      404
    session_open             POST    login   404     403     404     go      go      403     go      404
    session_close            GET     login   404     403     404     200     200     403     200     404
    session_close            POST    login   404     403     404     go      go      403     go      404
    register_edit            GET     login   404     403     404     200     200     200     200     404
    register_edit            POST    login   404     403     404     go      go      403     go      404
    register_undo            POST    login   404     403     404     go      go      403     go      404
    headcount_note           POST    login   404     403     404     go      go      403     go      404
    history_show             GET     login   404     200     404     200     200     200     200     404
    history_of_classmate     GET     login   404     404     404     200     200     200     200     404
"""

STAFF = [
    "dashboard",
    "course_list",
    "lecture_list",
    "course_show",
    "lecture_show",
    "lecture_live",
    "register_edit",
    "history_show",
]
STUDENT = ["dashboard", "course_list", "record_show", "enrolment_create"]
PAGES = {
    "amira": [*STUDENT, "lecture_list", "course_show", "lecture_show", "lecture_live", "history_show"],
    "outsider": STUDENT,
    "ines": [
        *STAFF,
        "lecture_create",
        "session_close",
        "excuse_create",
        "course_edit",
        "policy_edit",
        "lecture_edit",
        "course_create",
    ],
    "auditor": [*STAFF, "event_list"],
    "admin": [*STAFF, "course_create", "event_list"],
}


def stage(campus: Campus) -> dict[str, Any]:
    """The lecture is open, Amira and Bilal are marked."""
    open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    marks = [Mark(student.pk, "present", 0) for student in (campus.amira, campus.bilal)]
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=marks)
    return {
        "offering_id": campus.offering.pk,
        "lecture_id": campus.lecture.pk,
        "student_id": campus.amira.pk,
    }


def body_for(campus: Campus, name: str) -> dict[str, object]:
    """What is posted."""
    day = f"{clock.now().astimezone(campus.organisation.zone):%Y-%m-%d}"
    return {
        "assistant_add": {"person": "bruno"},
        "substitute_add": {"person": "bruno"},
        "excuse_create": {"students": "0001", "first_day": day, "last_day": day, "reason": "A trip"},
        "course_edit": {"code": "CS 204", "title": "Databases I", "department": f"{campus.department.pk}"},
        "policy_edit": {"late_weight": 50, "left_early_weight": 50, "remote_weight": 100, "drop_lowest": 1},
        "lecture_edit": {"day": day, "start": "09:00", "end": "10:30", "mode": "onsite"},
        "lecture_create": {"day": day, "start": "09:00", "end": "10:30", "mode": "onsite"},
        "session_open": {"minutes": "15"},
        "session_close": {"blanks": "absent"},
        "register_edit": {f"status-{campus.amira.pk}": "late", f"seen-{campus.amira.pk}": "present.1"},
    }.get(name, {})
