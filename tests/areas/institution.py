"""What an administrator sets up: the institution, departments, rooms, terms, holidays."""

from typing import Any

from attendance import clock
from attendance.models import Holiday, Import, ImportRow
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
    import_formats           GET     login   404     404     404     404     404     404     200     200
    import_create            GET     login   404     404     404     404     404     404     200     200
    import_create            POST    login   404     404     404     404     404     404     422     422
    export_download          GET     login   404     404     404     404     404     404     200     200
    import_show              GET     login   404     404     404     404     404     404     200     404
    import_rows_csv          GET     login   404     404     404     404     404     404     200     404
    import_apply             POST    login   404     404     404     404     404     404     go      404
    import_discard           POST    login   404     404     404     404     404     404     go      404
    import_undo              GET     login   404     404     404     404     404     404     go      404
    import_undo              POST    login   404     404     404     404     404     404     409     404
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
        "import_create",
        "import_formats",
    ]
}


def stage(campus: Campus) -> dict[str, Any]:
    """Today is a holiday, with a lecture on it; a file waits to be applied."""
    today = clock.today(campus.organisation.zone)
    holiday = Holiday.objects.create(
        organisation=campus.organisation, name="Founders' day", first_day=today, last_day=today
    )
    prepared = prepared_import(campus)
    return {
        "import_id": prepared.pk,
        "department_id": campus.department.pk,
        "room_id": campus.room.pk,
        "term_id": campus.term.pk,
        "holiday_id": holiday.pk,
    }


def prepared_import(campus: Campus) -> Import:
    """Store what a file would change: a room is new, a title changes, and two rows are refused."""
    counts = {"same": 0, "gone": 0, "new": 0, "changed": 0, "refused": 0}
    prepared = Import.objects.create(
        organisation=campus.organisation,
        source=Import.Source.CSV,
        file_name="autumn.zip",
        file_hash="ab" * 32,
        state=Import.State.PREPARED,
        prepared_by=campus.admin,
        counts={
            "": {**counts, "refused": 2},
            "room": {**counts, "new": 1, "same": 44},
            "course": {**counts, "changed": 1},
        },
    )
    rows = ImportRow.objects
    before, after = {"title": "Databases"}, {"title": "Databases and Information Systems"}
    rows.create(of=prepared, kind="room", action="new", key=["Hall C-1"], after={"capacity": 80, "archived": False})
    rows.create(of=prepared, kind="course", action="changed", key=["CS 204"], before=before, after=after)
    for line, field, reason in ((14, "email", "“amira” is no e-mail address."), (3, "rank", "=1+1 is a formula.")):
        rows.create(of=prepared, action="refused", file="people.csv", line=line, field=field, reason=reason)
    return prepared


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
        "import_apply": {"file_hash": "ab" * 32},
    }.get(name, {})
