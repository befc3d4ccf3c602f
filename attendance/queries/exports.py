"""What an institution put in, as rows of CSV files that name each other as people do: by code, name and number.

One query per file, however many rows. Rows are sorted by what names them, text by code points, so that both databases
give the same. What a join leads to is named only if it belongs to the institution.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from attendance.archives.csv_files import Cell
from attendance.models import (
    Attendance,
    Course,
    CourseStaff,
    Department,
    Enrolment,
    Holiday,
    Lecture,
    Meeting,
    Offering,
    Organisation,
    Room,
    Section,
    Term,
    User,
)
from attendance.queries.export_expressions import by_text, nameable, own_name, planned_for, streamed, with_plan

Rows = Iterator[Sequence[Cell]]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class ExportedFile:
    """A file of the export: its columns, and a function that reads its rows."""

    columns: Sequence[str]
    rows: Callable[[Organisation], Rows]


# --- The institution and its people -----------------------------------------------------------------------------------

INSTITUTION = (
    "name",
    "time_zone",
    "at_risk_percent",
    "warning_percent",
    "late_after_minutes",
    "session_minutes",
    "school_year_month",
    "school_year_day",
)


def _institution(own: Organisation) -> Rows:
    yield [getattr(own, column) for column in INSTITUTION]


def _departments(own: Organisation) -> Rows:
    return streamed(Department.objects.filter(organisation=own).order_by(*by_text("name")), "name")


def _rooms(own: Organisation) -> Rows:
    rooms = Room.objects.filter(organisation=own).order_by(*by_text("name"))
    for name, capacity, archived_at in streamed(rooms, "name", "capacity", "archived_at"):
        yield name, capacity, archived_at is not None


def _terms(own: Organisation) -> Rows:
    return streamed(Term.objects.filter(organisation=own).order_by(*by_text("name")), "name", "first_day", "last_day")


def _holidays(own: Organisation) -> Rows:
    holidays = Holiday.objects.filter(organisation=own).order_by("first_day", *by_text("name"))
    return streamed(holidays, "name", "first_day", "last_day")


def _people(own: Organisation) -> Rows:
    people = User.objects.filter(nameable("", own)).order_by(*by_text("number"))
    names = ("number", "role", "family_name", "given_name", "username", "email")
    return streamed(people, *names, own_name("department", own), "is_active")


# --- What is taught ---------------------------------------------------------------------------------------------------

_OF_OFFERING = ("offering__course__code", "offering__term__name")
_OF_LECTURE = ("lecture__offering__course__code", "lecture__offering__term__name")
POLICY = ("late_weight", "left_early_weight", "remote_weight", "blank_counts_absent", "drop_lowest")


def _courses(own: Organisation) -> Rows:
    courses = Course.objects.filter(organisation=own).order_by(*by_text("code"))
    for *row, archived_at in streamed(courses, "code", "title", own_name("department", own), "archived_at"):
        yield *row, archived_at is not None


def _offerings(own: Organisation) -> Rows:
    offerings = Offering.objects.filter(organisation=own, course__organisation=own, term__organisation=own)
    key = ("course__code", "term__name")
    return streamed(offerings.order_by(*by_text(*key)), *key, *POLICY)


def _in_own_offering(own: Organisation, path: str = "offering") -> dict[str, Organisation]:
    return {
        f"{path}__organisation": own,
        f"{path}__course__organisation": own,
        f"{path}__term__organisation": own,
    }


def _sections(own: Organisation) -> Rows:
    key = (*_OF_OFFERING, "name")
    return streamed(Section.objects.filter(**_in_own_offering(own)).order_by(*by_text(*key)), *key, "limit")


def _enrolments(own: Organisation) -> Rows:
    """Yield enrolments; a row of the query is one section of one of them, and those of one come together."""
    key = (*_OF_OFFERING, "student__number")
    enrolments = Enrolment.objects.filter(nameable("student", own), **_in_own_offering(own))
    rows = streamed(
        enrolments.order_by(*by_text(*key, "sections__name")),
        *key,
        "roll_number",
        "from_day",
        "until_day",
        "sections__name",
    )
    for enrolment, sections in groupby(rows, key=lambda row: row[:-1]):
        yield *enrolment, ";".join(row[-1] for row in sections if row[-1] is not None)


def _meetings(own: Organisation) -> Rows:
    meetings = Meeting.objects.filter(**_in_own_offering(own))
    rows = streamed(
        meetings.order_by(*by_text(*_OF_OFFERING, "section__name"), "weekday", "starts_at"),
        *_OF_OFFERING,
        "section__name",
        "weekday",
        "starts_at",
        "minutes",
        "weeks",
        own_name("room", own),
    )
    for course, term, section, weekday, *rest in rows:
        yield course, term, section, WEEKDAYS[weekday], *rest


# --- What took place --------------------------------------------------------------------------------------------------


def _lectures(own: Organisation) -> Rows:
    lectures = with_plan(Lecture.objects.filter(organisation=own, **_in_own_offering(own)), own)
    rows = streamed(
        lectures.order_by(*by_text(*_OF_OFFERING, "section__name"), "day", "hour", "starts_at", "ends_at"),
        *_OF_OFFERING,
        "section__name",
        "day",
        "hour",
        "starts_at",
        "ends_at",
        own_name("room", own),
        "mode",
        "topic",
        "cancelled_at",
    )
    for course, term, section, day, hour, *rest, cancelled_at in rows:
        yield course, term, section, planned_for(day, hour), *rest, cancelled_at is not None


def _staff(own: Organisation) -> Rows:
    staff = CourseStaff.objects.filter(nameable("user", own), **_in_own_offering(own))
    key = (*_OF_OFFERING, "user__number", "duty", "lecture__section__name")
    rows = streamed(with_plan(staff, own, "lecture").order_by(*by_text(*key), "day", "hour"), *key, "day", "hour")
    for *named, day, hour in rows:
        yield *named, planned_for(day, hour)


def _marks(own: Organisation) -> Rows:
    marks = Attendance.objects.exclude(status="").filter(
        nameable("student", own), lecture__organisation=own, **_in_own_offering(own, "lecture__offering")
    )
    rows = streamed(
        with_plan(marks, own, "lecture").order_by(
            *by_text(*_OF_LECTURE, "lecture__section__name"),
            "day",
            "hour",
            *by_text("student__number"),
            "recorded_at",
        ),
        *_OF_LECTURE,
        "lecture__section__name",
        "day",
        "hour",
        "student__number",
        "status",
        "recorded_at",
    )
    for course, term, section, day, hour, *rest in rows:
        yield course, term, section, planned_for(day, hour), *rest


_OFFERED = ("course", "term")
_HELD = (*_OFFERED, "section", "planned_for")
FILES: Mapping[str, ExportedFile] = {
    "institution.csv": ExportedFile(INSTITUTION, _institution),
    "departments.csv": ExportedFile(("name",), _departments),
    "rooms.csv": ExportedFile(("name", "capacity", "archived"), _rooms),
    "terms.csv": ExportedFile(("name", "first_day", "last_day"), _terms),
    "holidays.csv": ExportedFile(("name", "first_day", "last_day"), _holidays),
    "people.csv": ExportedFile(
        ("number", "role", "family_name", "given_name", "username", "email", "department", "active"), _people
    ),
    "courses.csv": ExportedFile(("code", "title", "department", "archived"), _courses),
    "offerings.csv": ExportedFile((*_OFFERED, *POLICY), _offerings),
    "sections.csv": ExportedFile((*_OFFERED, "name", "limit"), _sections),
    "enrolments.csv": ExportedFile(
        (*_OFFERED, "number", "roll_number", "from_day", "until_day", "sections"), _enrolments
    ),
    "meetings.csv": ExportedFile((*_OFFERED, "section", "weekday", "starts_at", "minutes", "weeks", "room"), _meetings),
    "lectures.csv": ExportedFile((*_HELD, "starts_at", "ends_at", "room", "mode", "topic", "cancelled"), _lectures),
    "staff.csv": ExportedFile((*_OFFERED, "number", "duty", "section", "planned_for"), _staff),
    "marks.csv": ExportedFile((*_HELD, "number", "status", "at"), _marks),
}
"""The files in the order in which their rows build on each other."""
