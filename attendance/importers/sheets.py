"""The CSV files of our own format: which columns each has, what their cells may say, and what tells rows apart.

Lengths and bounds are those of the tables in `attendance/models/`, which stay out of here; a test holds both together.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from attendance.importers.records import Kind, Value
from attendance.importers.row_checks import Check, has_length, in_order, stands_in_once, warned_after_risk
from attendance.importers.shapes import (
    WEEKDAYS,
    YES_NO,
    Shape,
    choice,
    clock,
    day,
    email,
    moment,
    names,
    text,
    time_zone,
    username,
    weeks,
    whole,
)
from attendance.importers.tables import MisfitError

PERCENT = whole(0, 100)
SEATS = whole(0, 100_000)
SHORT_NUMBER = whole(0, 100)
ROLES = {"student": "student", "teacher": "teacher", "auditor": "auditor"}
DUTIES = {"owner": "owner", "assistant": "assistant", "substitute": "substitute"}
MODES = {"onsite": "onsite", "online": "online", "hybrid": "hybrid"}
STATUS_OF_LETTER = {
    "P": "present",
    "L": "late",
    "D": "left_early",
    "E": "excused",
    "R": "remote",
    "A": "absent",
    "X": "exempt",
}
STATUSES = {name: name for name in STATUS_OF_LETTER.values()} | {
    letter.casefold(): name for letter, name in STATUS_OF_LETTER.items()
}


class Unsaid:
    """What an empty cell says in a column that cannot be empty: nothing, so that what is stored stays."""


UNSAID = Unsaid()


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column, what its cells may say, and what an empty one means.

    A `needed` one has to be there and say something in every row, unless the column named by `instead` does. One that
    is not `kept` serves others alone.
    """

    name: str
    shape: Shape
    needed: bool = False
    blank: Value | Unsaid = UNSAID
    instead: str = ""
    kept: bool = True


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file: what its rows are about, its columns, those that tell rows apart, and what has to fit together."""

    kind: Kind
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()


def _role(cell: str) -> Value:
    if cell.casefold() in ("admin", "administrator"):
        raise MisfitError(_("Administrators are invited, not imported."))
    return choice(ROLES)(cell)


def _status(cell: str) -> Value:
    return choice(STATUSES)(cell.replace(" ", "_"))


# --- The files --------------------------------------------------------------------------------------------------


def _needed(name: str, shape: Shape, instead: str = "") -> Column:
    return Column(name=name, shape=shape, needed=True, instead=instead)


def _text(name: str, longest: int) -> Column:
    return Column(name=name, shape=text(longest), blank="")


def _reference(name: str, longest: int) -> Column:
    return Column(name=name, shape=text(longest), blank=None)


def _stays(name: str, shape: Shape) -> Column:
    return Column(name=name, shape=shape)


COURSE, TERM = _needed("course", text(30)), _needed("term", text(100))
NAME, NUMBER = _needed("name", text(100)), _needed("number", text(40))
SECTION, ROOM = _text("section", 60), _reference("room", 100)
FIRST_DAY, LAST_DAY = _needed("first_day", day), _needed("last_day", day)
ARCHIVED = _stays("archived", choice(YES_NO))
PLANNED_FOR = _needed("planned_for", moment, instead="starts_at")

SHEETS: Mapping[str, Sheet] = {
    "institution": Sheet(
        Kind.INSTITUTION,
        (
            _needed("name", text(200)),
            _stays("time_zone", time_zone),
            _stays("at_risk_percent", PERCENT),
            _stays("warning_percent", PERCENT),
            _stays("late_after_minutes", whole(0, 120)),
            _stays("session_minutes", whole(1, 120)),
            _stays("school_year_month", whole(1, 12)),
            _stays("school_year_day", whole(1, 31)),
        ),
        checks=(warned_after_risk,),
    ),
    "departments": Sheet(Kind.DEPARTMENT, (_needed("name", text(200)),), ("name",)),
    "rooms": Sheet(Kind.ROOM, (NAME, Column(name="capacity", shape=SEATS, blank=None), ARCHIVED), ("name",)),
    "terms": Sheet(Kind.TERM, (NAME, FIRST_DAY, LAST_DAY), ("name",), (in_order("first_day", "last_day"),)),
    "holidays": Sheet(
        Kind.HOLIDAY, (NAME, FIRST_DAY, LAST_DAY), ("first_day", "name"), (in_order("first_day", "last_day"),)
    ),
    "people": Sheet(
        Kind.PERSON,
        (
            NUMBER,
            _needed("role", _role),
            _needed("family_name", text(100)),
            _text("given_name", 100),
            _stays("username", username),
            Column(name="email", shape=email, blank=""),
            _reference("department", 200),
            _stays("active", choice(YES_NO)),
        ),
        ("number",),
    ),
    "courses": Sheet(
        Kind.COURSE,
        (_needed("code", text(30)), _needed("title", text(200)), _needed("department", text(200)), ARCHIVED),
        ("code",),
    ),
    "offerings": Sheet(
        Kind.OFFERING,
        (
            COURSE,
            TERM,
            _stays("late_weight", PERCENT),
            _stays("left_early_weight", PERCENT),
            _stays("remote_weight", PERCENT),
            _stays("blank_counts_absent", choice(YES_NO)),
            _stays("drop_lowest", SHORT_NUMBER),
        ),
        ("course", "term"),
    ),
    "sections": Sheet(
        Kind.SECTION,
        (COURSE, TERM, _needed("name", text(60)), Column(name="limit", shape=SEATS, blank=None)),
        ("course", "term", "name"),
    ),
    "enrolments": Sheet(
        Kind.ENROLMENT,
        (
            COURSE,
            TERM,
            NUMBER,
            _stays("roll_number", text(20)),
            Column(name="from_day", shape=day, blank=None),
            Column(name="until_day", shape=day, blank=None),
            Column(name="sections", shape=names(60), blank=[]),
        ),
        ("course", "term", "number"),
        (in_order("from_day", "until_day"),),
    ),
    "meetings": Sheet(
        Kind.MEETING,
        (
            COURSE,
            TERM,
            SECTION,
            _needed("weekday", choice(WEEKDAYS)),
            _needed("starts_at", clock),
            _needed("minutes", whole(1, 24 * 60)),
            _needed("weeks", weeks),
            ROOM,
        ),
        ("course", "term", "section", "weekday", "starts_at"),
    ),
    "lectures": Sheet(
        Kind.LECTURE,
        (
            COURSE,
            TERM,
            SECTION,
            PLANNED_FOR,
            _needed("starts_at", moment),
            _needed("ends_at", moment),
            ROOM,
            _stays("mode", choice(MODES)),
            _text("topic", 200),
            _stays("cancelled", choice(YES_NO)),
        ),
        ("course", "term", "section", "planned_for"),
        (in_order("starts_at", "ends_at"), has_length),
    ),
    "staff": Sheet(
        Kind.STAFF,
        (
            COURSE,
            TERM,
            NUMBER,
            _needed("duty", choice(DUTIES)),
            SECTION,
            Column(name="planned_for", shape=moment, blank=""),
        ),
        ("course", "term", "number", "section", "planned_for"),
        (stands_in_once,),
    ),
    "marks": Sheet(
        Kind.MARK,
        (
            COURSE,
            TERM,
            SECTION,
            PLANNED_FOR,
            Column(name="starts_at", shape=moment, kept=False),
            NUMBER,
            _needed("status", _status),
            Column(name="at", shape=moment, blank=None),
        ),
        ("course", "term", "section", "planned_for", "number"),
    ),
}
