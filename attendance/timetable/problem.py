"""A university timetabling problem: its rooms, its courses with their classes, and who wants which course.

The words are those of the International Timetabling Competition 2019 (https://www.itc2019.org/format), where
a *class* is what this project stores as a section.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time


@dataclass(frozen=True, slots=True)
class ProblemRoom:
    """A room with its seats."""

    id: int
    capacity: int


@dataclass(frozen=True, slots=True)
class ClassTime:
    """When a class meets: `weeks` and `days` are strings of 0 and 1, Monday first; start and length in slots."""

    weeks: str
    days: str
    start: int
    length: int

    SLOT_MINUTES = 5

    @property
    def weekdays(self) -> list[int]:
        """The days it meets on, Monday = 0."""
        return [weekday for weekday, meets in enumerate(self.days) if meets == "1"]

    @property
    def starts_at(self) -> time:
        """The start on the clock."""
        hour, minute = divmod(self.start * self.SLOT_MINUTES, 60)
        return time(hour, minute)

    @property
    def minutes(self) -> int:
        """The length in minutes."""
        return self.length * self.SLOT_MINUTES


@dataclass(frozen=True, slots=True)
class ProblemClass:
    """A group of at most `limit` students, with the time and room (an id, or None) of least penalty.

    Whoever sits in it also sits in its `parent`, the id of a class of another subpart.
    """

    id: int
    limit: int
    parent: int | None
    time: ClassTime
    room: int | None


@dataclass(frozen=True, slots=True)
class Subpart:
    """A part of a course, such as its seminars: each student sits in exactly one of its classes."""

    id: int
    classes: tuple[ProblemClass, ...]


@dataclass(frozen=True, slots=True)
class Configuration:
    """One way to take a course: a class of each of its subparts."""

    id: int
    subparts: tuple[Subpart, ...]


@dataclass(frozen=True, slots=True)
class ProblemCourse:
    """A course, taken in exactly one of its configurations."""

    id: int
    configurations: tuple[Configuration, ...]

    def classes(self) -> Iterator[ProblemClass]:
        """Yield the classes of all its configurations in the order of the file."""
        for configuration in self.configurations:
            for subpart in configuration.subparts:
                yield from subpart.classes


@dataclass(frozen=True, slots=True)
class ProblemStudent:
    """A student and the ids of the courses wanted."""

    id: int
    courses: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """The whole of one file."""

    name: str
    weeks: int
    rooms: tuple[ProblemRoom, ...]
    courses: tuple[ProblemCourse, ...]
    students: tuple[ProblemStudent, ...]
