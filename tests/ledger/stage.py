"""A campus whose record has a few blocks, and somebody who writes to its tables past the application."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection

from attendance import clock
from attendance.models import AttendanceEvent, Checkpoint, User
from attendance.services.erased_texts import ErasureReason, erase_texts
from attendance.services.events import EventDraft, record
from attendance.services.sealing import seal
from tests.cast import Campus


def mark(campus: Campus, student: User, status: str = "present", at: datetime | None = None) -> AttendanceEvent:
    """Record that the owner of the course marked a student."""
    draft = EventDraft(
        kind=AttendanceEvent.Kind.MARKED,
        lecture=campus.lecture,
        actor=campus.ines,
        method=AttendanceEvent.Method.TEACHER,
        received_at=at or clock.now(),
        student_id=student.pk,
        to_status=status,
    )
    return record([draft])[0]


def sealed_block(campus: Campus, *students: User) -> Checkpoint:
    """Seal a block in which each of these students is marked."""
    for student in students:
        mark(campus, student)
    block = seal()
    assert block is not None
    return block


def erase(campus: Campus, person: User) -> AttendanceEvent:
    """Erase the texts about somebody, who asked for it."""
    return erase_texts(person=person, actor=campus.admin, why=ErasureReason.ASKED, moment=clock.now())


def log_of_three_blocks(campus: Campus) -> list[Checkpoint]:
    """Return blocks of three, one and two entries."""
    amira, bilal = campus.amira, campus.bilal
    return [sealed_block(campus, *students) for students in ([amira, bilal, amira], [bilal], [amira, bilal])]


@contextmanager
def behind_the_application() -> Iterator[Any]:
    """Give a cursor to whom no trigger and no foreign key stops; needs committed rows."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
            yield cursor
            cursor.execute("SET session_replication_role = DEFAULT")
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%refuses%'")
        triggers = cursor.fetchall()
        cursor.execute("PRAGMA foreign_keys = OFF")
        for name, _sql in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        yield cursor
        for _name, sql in triggers:
            cursor.execute(sql)
        cursor.execute("PRAGMA foreign_keys = ON")
