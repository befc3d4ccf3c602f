"""Reading one lecture's register, and the history of one mark."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from attendance.models import Attendance, AttendanceEvent, Lecture, Status, User
from attendance.queries.rosters import roster_of

BLANK = "blank"
_BLANK_ROW: Sequence[Any] = ("", 0, None, None)
HERE = (Status.PRESENT, Status.LATE, Status.LEFT_EARLY, Status.REMOTE)
"""What is said of students who came, in whichever way."""


@dataclass(frozen=True)
class RegisterRow:
    """One line of the register; an empty status is a blank, version 0 one that nobody ever touched."""

    student: User
    roll_number: str
    status: str
    version: int
    recorded_at: datetime | None
    scanned_at: datetime | None = None


def register_of(lecture: Lecture) -> list[RegisterRow]:
    """Return the register of a lecture by roll number: everybody expected, marked or not; 2 queries."""
    columns = ("status", "version", "recorded_at", "event__scanned_at")
    marks = {
        student: mark for student, *mark in Attendance.objects.filter(lecture=lecture).values_list("student", *columns)
    }
    roster = roster_of(lecture).select_related("student").order_by("roll_number")
    return [
        RegisterRow(enrolment.student, enrolment.roll_number, *marks.get(enrolment.student_id, _BLANK_ROW))
        for enrolment in roster
    ]


def minutes_late(lecture: Lecture, scanned_at: datetime) -> int:
    """Return how many whole minutes after the start of a lecture a code was scanned."""
    return max(int((scanned_at - lecture.starts_at).total_seconds()) // 60, 0)


def rows_shown(rows: Sequence[RegisterRow], *, status: str, search: str) -> list[RegisterRow]:
    """Return the rows of one status (`blank` for none, empty for all) whose name or roll number has every word."""
    wanted = "" if status == BLANK else status
    words = search.lower().split()
    return [
        row
        for row in rows
        if (not status or row.status == wanted)
        and all(word in f"{row.roll_number} {row.student.listed_name}".lower() for word in words)
    ]


@dataclass(frozen=True)
class Tally:
    """How many rows of a register say what."""

    expected: int
    by_status: Counter[str]

    @classmethod
    def of(cls, rows: Sequence[RegisterRow]) -> "Tally":
        """Count the rows of a register."""
        return cls(len(rows), Counter(row.status for row in rows))

    @property
    def here(self) -> int:
        """Students who came, in whichever way."""
        return sum(self.by_status[status] for status in HERE)

    @property
    def late(self) -> int:
        """Students who came late."""
        return self.by_status[Status.LATE]

    @property
    def absent(self) -> int:
        """Students who did not come."""
        return self.by_status[Status.ABSENT]

    @property
    def away_with_reason(self) -> int:
        """Students who are excused or exempt."""
        return self.by_status[Status.EXCUSED] + self.by_status[Status.EXEMPT]

    @property
    def in_the_room(self) -> int:
        """Students who are there to be counted: remote ones are not."""
        return self.here - self.by_status[Status.REMOTE]

    @property
    def blank(self) -> int:
        """Students of whom nothing is known yet."""
        return self.by_status[""]


def heads_in(lecture: Lecture) -> tuple[int, int]:
    """Return how many students came to a lecture so far, and how many are expected; 2 queries that count."""
    roster = roster_of(lecture)
    came = Attendance.objects.filter(lecture=lecture, status__in=HERE).values("student")
    return roster.filter(student__in=came).count(), roster.count()


@dataclass(frozen=True)
class HistoryEntry:
    """One event of a mark's history, with the reason its writer gave, and its entry in the ledger once it is sealed."""

    event: AttendanceEvent
    reason: str
    index: int | None


def history_of(lecture: Lecture, student: User) -> list[HistoryEntry]:
    """Return the events of one student in one lecture, oldest first."""
    events = AttendanceEvent.objects.filter(lecture=lecture, student=student).select_related("actor", "ledger_entry")
    return [
        HistoryEntry(
            event,
            json.loads(event.body)["why"] if event.body else "",
            event.ledger_entry.index if hasattr(event, "ledger_entry") else None,
        )
        for event in events.order_by("pk")
    ]


def status_in(lecture: Lecture, student: User) -> str:
    """Return the student's present status in the lecture, empty for a blank."""
    mark = Attendance.objects.filter(lecture=lecture, student=student).first()
    return mark.status if mark else ""
