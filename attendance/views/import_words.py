"""What the rows of an import and their fields are called, in the reader's language."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format, number_format
from django.utils.text import capfirst
from django.utils.timezone import is_aware, localtime
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from attendance.importers.records import Kind, Value
from attendance.models import CourseStaff, ImportRow, Lecture, Status, User
from attendance.queries.imports import Tally

NOTHING = "–"

_KINDS = {
    Kind.INSTITUTION: _("Institution"),
    Kind.DEPARTMENT: _("Department"),
    Kind.ROOM: _("Room"),
    Kind.TERM: _("Term"),
    Kind.HOLIDAY: _("Holiday"),
    Kind.PERSON: _("Person"),
    Kind.COURSE: _("Course"),
    Kind.OFFERING: _("Course in a term"),
    Kind.SECTION: _("Section"),
    Kind.ENROLMENT: _("Enrolment"),
    Kind.MEETING: _("Weekly hour"),
    Kind.LECTURE: _("Lecture"),
    Kind.STAFF: _("Course staff"),
    Kind.MARK: _("Mark"),
    "": _("Not known"),
}
_PLURALS = {
    Kind.INSTITUTION: _("Institution"),
    Kind.DEPARTMENT: _("Departments"),
    "departments": _("Departments"),
    Kind.ROOM: _("Rooms"),
    "rooms": _("Rooms"),
    Kind.TERM: _("Terms"),
    Kind.HOLIDAY: _("Holidays"),
    Kind.PERSON: _("People"),
    "teachers": _("Teachers"),
    "students": _("Students"),
    Kind.COURSE: _("Courses"),
    "courses": _("Courses"),
    Kind.OFFERING: _("Courses in a term"),
    Kind.SECTION: _("Sections"),
    "sections": _("Sections"),
    Kind.ENROLMENT: _("Enrolments"),
    "enrolments": _("Enrolments"),
    Kind.MEETING: _("Weekly hours"),
    "meetings": _("Weekly hours"),
    Kind.LECTURE: _("Lectures"),
    "lectures": _("Lectures"),
    Kind.STAFF: _("Course staff"),
    Kind.MARK: _("Marks"),
    "": _("Not known"),
}
"""In the order in which kinds build on each other; the plural names are those of the first imports."""

_FIELDS = {
    "name": _("name"),
    "title": _("title"),
    "family_name": _("family name"),
    "given_name": _("given name"),
    "number": _("student or staff number"),
    "role": _("role"),
    "duty": _("duty"),
    "username": _("user name"),
    "email": _("e-mail"),
    "code": _("code"),
    "course": _("course"),
    "term": _("term"),
    "section": _("section"),
    "weekday": _("weekday"),
    "planned_for": _("planned for"),
    "department": _("department"),
    "time_zone": _("time zone"),
    "at_risk_percent": _("at risk under, in percent"),
    "warning_percent": _("warning under, in percent"),
    "late_after_minutes": _("late after, in minutes"),
    "session_minutes": _("length of check-in, in minutes"),
    "school_year_month": _("month in which the school year starts"),
    "school_year_day": _("day on which the school year starts"),
    "capacity": _("seats"),
    "limit": _("seats"),
    "roll_number": _("roll number"),
    "first_day": _("first day"),
    "last_day": _("last day"),
    "from_day": _("from"),
    "until_day": _("until"),
    "sections": _("sections"),
    "starts_at": _("start"),
    "ends_at": _("end"),
    "minutes": _("length in minutes"),
    "weeks": _("weeks"),
    "room": _("room"),
    "mode": _("mode"),
    "topic": _("topic"),
    "status": _("mark"),
    "at": _("moment"),
    "late_weight": _("late counts, in percent"),
    "left_early_weight": _("left early counts, in percent"),
    "remote_weight": _("remote counts, in percent"),
    "blank_counts_absent": _("a blank counts as absent"),
    "drop_lowest": _("lectures left out, lowest first"),
    "archived": _("archived"),
    "active": _("may log in"),
    "cancelled": _("cancelled"),
}
"""In the order in which they are shown; some databases do not keep that of a row."""

_PLACE_OF_FIELD = {name: place for place, name in enumerate(_FIELDS)}
_CHOICES: Mapping[str, Any] = {
    "role": User.Role,
    "duty": CourseStaff.Duty,
    "status": Status,
    "mode": Lecture.Mode,
}
_KEYS: Mapping[str, tuple[str, ...]] = {
    Kind.DEPARTMENT: ("name",),
    Kind.ROOM: ("name",),
    Kind.TERM: ("name",),
    Kind.HOLIDAY: ("first_day", "name"),
    Kind.PERSON: ("number",),
    Kind.COURSE: ("code",),
    Kind.OFFERING: ("course", "term"),
    Kind.SECTION: ("course", "term", "name"),
    Kind.ENROLMENT: ("course", "term", "number"),
    Kind.MEETING: ("course", "term", "section", "weekday", "starts_at"),
    Kind.LECTURE: ("course", "term", "section", "planned_for"),
    Kind.STAFF: ("course", "term", "number", "section", "planned_for"),
    Kind.MARK: ("course", "term", "section", "planned_for", "number"),
}
"""What the parts of a key are, as `attendance.importers.records` lists them."""


# --- Kinds and counts -------------------------------------------------------------------------------------------------


def plural_of(kind: str) -> str:
    """Return what many rows of a kind are called."""
    return str(_PLURALS.get(kind, kind))


def in_order(tallies: Mapping[str, Tally]) -> list[tuple[str, str, Tally]]:
    """Return kind, its name in the plural, and counts, in the order in which kinds build on each other."""
    known = [kind for kind in _PLURALS if kind in tallies]
    others = [kind for kind in tallies if kind not in _PLURALS]
    return [(kind, plural_of(kind), tallies[kind]) for kind in [*known, *others]]


def counted(tally: Tally) -> str:
    """Return counts in words, those that are not zero: `5,120 new, 3 refused`."""
    phrases = [
        (tally.new, ngettext("%(count)s new", "%(count)s new", tally.new)),
        (tally.changed, ngettext("%(count)s changed", "%(count)s changed", tally.changed)),
        (tally.gone, ngettext("%(count)s gone", "%(count)s gone", tally.gone)),
        (tally.same, ngettext("%(count)s there already", "%(count)s there already", tally.same)),
        (tally.refused, ngettext("%(count)s refused", "%(count)s refused", tally.refused)),
    ]
    return _now(", ").join(phrase % {"count": grouped(count)} for count, phrase in phrases if count)


def grouped(number: int) -> str:
    """Return a number with its thousands set apart as the reader's language does."""
    return number_format(number, decimal_pos=0, use_l10n=True, force_grouping=True)


# --- Rows -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShownField:
    """A field's name with what it was and what it becomes; one of them is empty where the row is new or goes."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of an import in words; `field` is the column of a refused one, as the file names it."""

    kind: str
    key: tuple[str, ...]
    file: str
    line: int
    field: str
    reason: str
    fields: tuple[ShownField, ...]


def shown(row: ImportRow) -> ShownRow:
    """Put a row into words."""
    return ShownRow(
        kind=str(_KINDS.get(row.kind, row.kind)),
        key=key_words(row.kind, row.key),
        file=row.file,
        line=row.line,
        field=row.field,
        reason=row.reason,
        fields=tuple(_fields(row.before, row.after)),
    )


def _fields(before: Mapping[str, Value] | None, after: Mapping[str, Value] | None) -> Iterator[ShownField]:
    """Yield the fields that differ; of a row that is new or goes, those that are filled in."""
    was, becomes = before or {}, after or {}
    for name in sorted(was if after is None else becomes, key=_place):
        old, new = value_words(name, was.get(name)), value_words(name, becomes.get(name))
        if old != new:
            yield ShownField(field_label(name), "" if before is None else old, "" if after is None else new)


def _place(field: str) -> tuple[int, str]:
    return _PLACE_OF_FIELD.get(field, len(_FIELDS)), field


def field_label(name: str) -> str:
    """Return what a field is called; one without words keeps its own name."""
    return capfirst(str(_FIELDS[name])) if name in _FIELDS else name


def key_words(kind: str, key: list[str]) -> tuple[str, ...]:
    """Return what tells a row from others of its kind, part by part."""
    names = _KEYS.get(kind, ())
    return tuple(value_words(name, value) for name, value in zip(names, key, strict=False) if value)


# --- Values -----------------------------------------------------------------------------------------------------------


def value_words(field: str, value: Value) -> str:
    """Return a value of that field as people read it."""
    if value is None or value == "" or value == []:
        return NOTHING
    if isinstance(value, bool):
        return _now("yes") if value else _now("no")
    if isinstance(value, list):
        return _now(", ").join(value)
    return _READERS[field](str(value)) if field in _READERS else str(value)


def _choice(choices: Any) -> Callable[[str], str]:
    labels = dict(choices.choices)
    return lambda text: str(labels.get(text, text))


def _weekday(text: str) -> str:
    return str(WEEKDAYS.get(int(text), text)) if text.isdecimal() else text


def _day(text: str) -> str:
    """Read `2026-09-14`; what is no day stays as it is."""
    try:
        return date_format(date.fromisoformat(text), "j F Y")
    except ValueError:
        return text


def _moment(text: str) -> str:
    """Read `2026-09-14T09:00`, on the institution's clock or with an offset; a lone day or hour is read as such."""
    if "T" not in text:
        return _day(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return date_format(localtime(moment) if is_aware(moment) else moment, _now("j M Y, H:i"))


def _weeks(text: str) -> str:
    """Write `1101`, a digit for each week of a term, as `1–2, 4`."""
    weeks = [number for number, digit in enumerate(text, start=1) if digit == "1"]
    runs = [[week for _place, week in run] for _gap, run in groupby(enumerate(weeks), lambda each: each[1] - each[0])]
    return _now(", ").join(f"{run[0]}–{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)


_READERS: Mapping[str, Callable[[str], str]] = {
    **{field: _choice(choices) for field, choices in _CHOICES.items()},
    **dict.fromkeys(("first_day", "last_day", "from_day", "until_day"), _day),
    **dict.fromkeys(("starts_at", "ends_at", "planned_for", "at"), _moment),
    "weekday": _weekday,
    "weeks": _weeks,
}
