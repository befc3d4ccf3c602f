"""What the ledger costs: its part of a check-in, a block of a full hall, and proof and audit as the log grows."""

import random
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from statistics import median

from django.db import connection, transaction

from attendance import clock
from attendance.ledger.tree import inclusion_proof
from attendance.models import (
    AttendanceEvent,
    AttendanceSession,
    Course,
    Department,
    Enrolment,
    Lecture,
    Offering,
    Term,
    User,
)
from attendance.queries.claims import claim_of
from attendance.queries.ledger import stored_nodes
from attendance.queries.ledger_audit import Audit
from attendance.services.attendance_sessions import open_session
from attendance.services.check_in import check_in
from attendance.services.events import EventDraft, record_in_bulk, record_one
from attendance.services.sealing import seal_all
from benchmarks import sample
from benchmarks.table import Row
from tests.scans import shown

HALL = 1500
CHECK_INS = 300
PROOFS = 300
_OF_THE_LEDGER = ("body", "salt", "commitment")
SIZES = (10_000, 100_000, 1_000_000)


def rows() -> list[Row]:
    """Measure on the database of this process."""
    lecture, owner = _lecture()
    found = [_part_of_a_check_in(lecture, owner)]
    seal_all()
    record_in_bulk(_drafts(lecture, owner, HALL))
    found.append(_timed(f"Seal of {HALL:,} events, {connection.vendor}", seal_all))
    return found + [row for size in SIZES for row in _at_size(lecture, owner, size)]


def _lecture() -> tuple[Lecture, User]:
    """Store a lecture that is on now, and its teacher."""
    organisation = sample.organisation()
    owner = User.objects.create(organisation=organisation, username=organisation.slug, role="teacher")
    day, now = clock.today(organisation.zone), clock.now()
    term = Term.objects.create(
        organisation=organisation, name="Term", first_day=day - timedelta(9), last_day=day + timedelta(9)
    )
    department = Department.objects.create(organisation=organisation, name="Mathematics")
    course = Course.objects.create(organisation=organisation, department=department, code="M1", title="Analysis")
    offering = Offering.objects.create(organisation=organisation, course=course, term=term)
    hours = {"starts_at": now, "ends_at": now + timedelta(hours=2)}
    return Lecture.objects.create(organisation=organisation, offering=offering, **hours), owner


def _part_of_a_check_in(lecture: Lecture, owner: User) -> Row:
    """Compare what the ledger adds to an event's row with the whole check-in, which would leave such a row anyway."""
    session = open_session(lecture=lecture, actor=owner, minutes=120)
    students = [_student(lecture, number) for number in range(CHECK_INS)]
    whole = [_seconds(partial(_scan, session, student)) for student in students]
    [draft] = _drafts(lecture, owner, 1)
    with transaction.atomic():
        without = _insertion_without_the_ledger(record_one(draft))
        pairs = [(_seconds(partial(record_one, draft)), _seconds(without)) for _time in range(CHECK_INS)]
        transaction.set_rollback(True)
    added = median(event - row for event, row in pairs)
    return Row(
        f"What the ledger adds to a check-in ÷ the check-in, {connection.vendor}",
        f"{added / median(whole):.3f}",
        f"{CHECK_INS} check-ins",
        "at most 0.10",
        f"{added * 1e6:.0f} µs / {median(whole) * 1000:.1f} ms",
    )


def _insertion_without_the_ledger(event: AttendanceEvent) -> Callable[[], object]:
    """Return what inserts the row of an event without text, salt and commitment, into a table of its own."""
    fields = [each for each in AttendanceEvent._meta.local_concrete_fields if each.name not in (*_OF_THE_LEDGER, "id")]
    columns = ", ".join(connection.ops.quote_name(each.column) for each in fields)
    values = [each.get_db_prep_save(getattr(event, each.attname), connection) for each in fields]
    insertion = f"INSERT INTO bare_event ({columns}) VALUES ({', '.join(['%s'] * len(fields))})"  # noqa: S608 -- our own
    with connection.cursor() as cursor:
        table = AttendanceEvent._meta.db_table
        cursor.execute(f"CREATE TEMPORARY TABLE bare_event AS SELECT {columns} FROM {table} LIMIT 0")  # noqa: S608

    def insert() -> None:
        with connection.cursor() as cursor:
            cursor.execute(insertion, values)

    return insert


def _scan(session: AttendanceSession, student: User) -> None:
    check_in(student=student, claim=claim_of(shown(session))[0])


def _student(lecture: Lecture, number: int) -> User:
    name = f"{lecture.organisation.slug}-{number}"
    student = User.objects.create(organisation=lecture.organisation, username=name, role="student", number=str(number))
    Enrolment.objects.create(offering=lecture.offering, student=student, roll_number=str(number))
    return student


def _drafts(lecture: Lecture, owner: User, number: int) -> list[EventDraft]:
    """Return that many marks of the lecture's teacher."""
    draft = EventDraft(
        kind=AttendanceEvent.Kind.MARKED,
        lecture=lecture,
        actor=owner,
        method=AttendanceEvent.Method.TEACHER,
        received_at=clock.now(),
        student_id=owner.pk,
        to_status="present",
    )
    return [draft] * number


def _at_size(lecture: Lecture, owner: User, size: int) -> list[Row]:
    """Let the log grow to that many entries, prove some of them, and audit all."""
    record_in_bulk(_drafts(lecture, owner, size - AttendanceEvent.objects.count()))
    seal_all()
    chance = random.Random(size)  # noqa: S311 -- which entries are proved is no secret
    proofs = [_seconds(lambda: inclusion_proof(chance.randrange(size), size, stored_nodes)) for _time in range(PROOFS)]
    what = f"{size:,} entries, {connection.vendor}"
    proof = Row(f"Proof of one of {what}", f"{median(proofs) * 1000:.2f} ms", f"{PROOFS} entries")
    return [proof, _timed(f"Audit of {what}", lambda: list(Audit(None, None).run(lambda _done, _all: None)))]


def _timed(measured: str, act: Callable[[], object]) -> Row:
    return Row(measured, f"{_seconds(act):.2f} s", "once")


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
