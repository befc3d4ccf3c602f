"""What the database has of a lecture after a rush, asked past the product."""

from dataclasses import dataclass

import psycopg

_ATTEMPTS = """
SELECT outcome, coalesce(nullif(assurance, ''), outcome), count(*) FROM attendance_checkinattempt
WHERE lecture_id = %s GROUP BY 1, 2 ORDER BY 3 DESC
"""
_EACH = """
SELECT count(*), count(DISTINCT student_id) FROM {} WHERE lecture_id = %s AND student_id IS NOT NULL
"""
_TABLES = ("attendance_checkinattempt", "attendance_attendanceevent", "attendance_attendance")


@dataclass(frozen=True)
class Facts:
    """Rows of a lecture: how many attempts, events and marks there are, and of how many students each."""

    attempts: tuple[int, int]
    events: tuple[int, int]
    marks: tuple[int, int]
    sure: dict[str, int]

    @property
    def doubled(self) -> int:
        """Rows beyond one for each student."""
        return sum(rows - students for rows, students in (self.attempts, self.events, self.marks))

    def lost(self, students: int) -> int:
        """Return how many of that many students have no mark, or no event that explains it."""
        return students - min(self.attempts[1], self.events[1], self.marks[1])


def facts_of(database: str, lecture: int) -> Facts:
    """Return what there is of a lecture."""
    with psycopg.connect(database) as connection:
        counted = [connection.execute(_EACH.format(table), [lecture]).fetchone() for table in _TABLES]  # type: ignore[arg-type]
        sure = {kind: number for _outcome, kind, number in connection.execute(_ATTEMPTS, [lecture])}
    attempts, events, marks = ((each[0], each[1]) for each in counted if each is not None)
    return Facts(attempts, events, marks, sure)
