"""A term of an institution as it shall be stored: rooms, people, courses, hours and enrolments, named by natural keys.

Rows name each other by what people call them: a room by its name, a course by its code, a person by number.
"""

from dataclasses import dataclass
from datetime import date, time


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTerm:
    """A teaching period of so many calendar weeks, the week of its first day included."""

    name: str
    first_day: date
    weeks: int


@dataclass(frozen=True, slots=True)
class PlannedRoom:
    """A room with its seats."""

    name: str
    capacity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPerson:
    """A teacher or a student; `username` is a wish, granted when nobody else has it."""

    number: str
    username: str
    given_name: str
    family_name: str
    department: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMeeting:
    """A weekly hour, with the words of `attendance.models.Meeting`."""

    weekday: int
    starts_at: time
    minutes: int
    weeks: str
    room: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSection:
    """A group that meets on its own; `limit` in seats."""

    name: str
    limit: int | None
    meetings: tuple[PlannedMeeting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCourse:
    """A course of the term with its owner's number, the hours of all its students and those of its sections."""

    code: str
    title: str
    department: str
    owner: str
    meetings: tuple[PlannedMeeting, ...] = ()
    sections: tuple[PlannedSection, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedEnrolment:
    """A student's number, the code of the course, and the sections the student sits in."""

    student: str
    course: str
    sections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything of one institution and term; `slug`, `name` and `time_zone` are the organisation's."""

    slug: str
    name: str
    time_zone: str
    term: PlannedTerm
    departments: tuple[str, ...]
    rooms: tuple[PlannedRoom, ...]
    teachers: tuple[PlannedPerson, ...]
    students: tuple[PlannedPerson, ...]
    courses: tuple[PlannedCourse, ...]
    enrolments: tuple[PlannedEnrolment, ...]
