"""What every importer makes of a file: records, one for each row that shall be there, and the rows it refuses.

A record names a row of an institution and the rows it refers to by what people call them: a course by its code, a
person by number, a room by its name. Nothing here knows what is stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

Value = str | int | bool | list[str] | None
"""Days are `2026-09-14`, hours `09:00`, moments `2026-09-14T09:00` on the institution's clock or with an offset."""


class Kind(StrEnum):
    """What a record is about, in the order in which rows build on each other.

    Behind each: its key, then its fields.
    """

    INSTITUTION = "institution"
    """() name, time_zone, at_risk_percent, warning_percent, late_after_minutes, session_minutes, school_year_month,
    school_year_day"""
    DEPARTMENT = "department"
    """(name)"""
    ROOM = "room"
    """(name) capacity, archived"""
    TERM = "term"
    """(name) first_day, last_day"""
    HOLIDAY = "holiday"
    """(first_day, name) last_day"""
    PERSON = "person"
    """(number) role, username, email, given_name, family_name, department, active"""
    COURSE = "course"
    """(code) title, department, archived"""
    OFFERING = "offering"
    """(course, term) late_weight, left_early_weight, remote_weight, blank_counts_absent, drop_lowest"""
    SECTION = "section"
    """(course, term, name) limit"""
    ENROLMENT = "enrolment"
    """(course, term, number) roll_number, from_day, until_day, sections"""
    MEETING = "meeting"
    """(course, term, section, weekday, starts_at) minutes, weeks, room; weekday `0` is Monday"""
    LECTURE = "lecture"
    """(course, term, section, planned_for) starts_at, ends_at, room, mode, topic, cancelled"""
    STAFF = "staff"
    """(course, term, number, section, planned_for) duty; the last two parts are empty but for a substitute"""
    MARK = "mark"
    """(course, term, section, planned_for, number) status, at"""


KINDS = tuple(Kind)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: the name of the file, and the line in it, counted from 1; 0 where lines mean nothing."""

    file: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A row that shall be there with these fields, told apart from others of its kind by its key.

    A field that is not named stays as it is. With `ends` the row shall come to an end; with `keeps` one that is there
    already stays as it is.
    """

    kind: Kind
    key: tuple[str, ...]
    fields: Mapping[str, Value]
    place: Place
    ends: bool = False
    keeps: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that cannot be taken, which field of it is why, and the sentence that says so."""

    place: Place
    field: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that was made of a file, with sentences about what was left aside on purpose."""

    records: tuple[Record, ...]
    refused: tuple[Refused, ...] = ()
    notes: tuple[str, ...] = ()


class UnreadableError(ValueError):
    """The file as a whole cannot be taken; the message is one sentence that says where and why."""
