"""What an administrator sets up: the institution, departments, rooms, terms, holidays."""

from typing import Any

from attendance import clock
from attendance.models import Holiday, Import
from tests.cast import Campus

#   address                method  anonymous outsider inside other owner assistant auditor admin foreign admin
MATRIX = """
    institution_edit         GET     login   404     404     404     404     404     404     200     200
    institution_edit         POST    login   404     404     404     404     404     404     go      go
    department_list          GET     login   404     404     404     404     404     404     200     200
    department_create        GET     login   404     404     404     404     404     404     200     200
    department_create        POST    login   404     404     404     404     404     404     go      go
    room_list                GET     login   404     404     404     404     404     404     200     200
    room_create              GET     login   404     404     404     404     404     404     200     200
    room_create              POST    login   404     404     404     404     404     404     go      go
    term_list                GET     login   404     404     404     404     404     404     200     200
    term_create              GET     login   404     404     404     404     404     404     200     200
    term_create              POST    login   404     404     404     404     404     404     go      go
    holiday_list             GET     login   404     404     404     404     404     404     200     200
    holiday_create           GET     login   404     404     404     404     404     404     200     200
    holiday_create           POST    login   404     404     404     404     404     404     go      go
    department_edit          GET     login   404     404     404     404     404     404     200     404
    department_edit          POST    login   404     404     404     404     404     404     go      404
    room_edit                GET     login   404     404     404     404     404     404     200     404
    room_edit                POST    login   404     404     404     404     404     404     go      404
    room_archive             POST    login   404     404     404     404     404     404     go      404
    room_restore             POST    login   404     404     404     404     404     404     go      404
    term_edit                GET     login   404     404     404     404     404     404     200     404
    term_edit                POST    login   404     404     404     404     404     404     go      404
    holiday_show             GET     login   404     404     404     404     404     404     200     404
    holiday_edit             GET     login   404     404     404     404     404     404     200     404
    holiday_edit             POST    login   404     404     404     404     404     404     go      404
    holiday_clear            POST    login   404     404     404     404     404     404     go      404
    holiday_delete           POST    login   404     404     404     404     404     404     go      404
    import_list              GET     login   404     404     404     404     404     404     200     200
    export_download          GET     login   404     404     404     404     404     404     200     200
    import_show              GET     login   404     404     404     404     404     404     200     404
"""

PAGES = {
    "admin": [
        "institution_edit",
        "department_list",
        "department_create",
        "room_list",
        "room_edit",
        "term_list",
        "term_edit",
        "holiday_list",
        "holiday_show",
        "holiday_create",
        "import_list",
        "import_show",
    ]
}


def stage(campus: Campus) -> dict[str, Any]:
    """Today is a holiday, with a lecture on it; a timetable was imported."""
    today = clock.today(campus.organisation.zone)
    holiday = Holiday.objects.create(
        organisation=campus.organisation, name="Founders' day", first_day=today, last_day=today
    )
    applied = Import.objects.create(
        organisation=campus.organisation,
        source=Import.Source.ITC2019,
        file_name="spring.xml",
        state=Import.State.APPLIED,
        applied_at=clock.now(),
        counts={"rooms": {"new": 44, "same": 1}},
    )
    return {
        "import_id": applied.pk,
        "department_id": campus.department.pk,
        "room_id": campus.room.pk,
        "term_id": campus.term.pk,
        "holiday_id": holiday.pk,
    }


def body_for(campus: Campus, name: str) -> dict[str, object]:
    """What is posted."""
    days = {"first_day": f"{campus.term.first_day}", "last_day": f"{campus.term.last_day}"}
    return {
        "institution_edit": {
            "name": "Renamed",
            "time_zone": "Europe/Prague",
            "at_risk_percent": 75,
            "warning_percent": 70,
            "late_after_minutes": 10,
            "session_minutes": 15,
            "school_year_month": 9,
            "school_year_day": 1,
        },
        "department_create": {"name": "Physics"},
        "department_edit": {"name": "Physics"},
        "room_create": {"name": "Attic"},
        "room_edit": {"name": "Attic", "capacity": 5},
        "term_create": {"name": "Spring", **days},
        "term_edit": {"name": "Michaelmas", **days},
        "holiday_create": {"name": "Easter", **days},
        "holiday_edit": {"name": "Easter", **days},
    }.get(name, {})
