"""What the ledger costs: its part of a check-in, a block of a full hall, and proof and audit as the log grows."""

import random
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from statistics import median

from django.db import connection

from attendance import clock
from attendance.ledger.commitment import canonical_text, commitment, new_salt
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
from attendance.services.events import EventDraft, record_in_bulk
from attendance.services.sealing import seal_all
from benchmarks import sample
from benchmarks.table import Row
from tests.scans import shown

HALL = 1500
CHECK_INS = 300
PROOFS = 300
SIZES = {"postgresql": (10_000, 100_000, 1_000_000), "sqlite": (10_000, 100_000)}


def rows() -> list[Row]:
    """Measure on the database of this process."""
    lecture, owner = _lecture()
    found = [_part_of_a_check_in(lecture, owner)]
    seal_all()
    record_in_bulk(_drafts(lecture, owner, HALL))
    found.append(_timed(f"Seal of {HALL:,} events, {connection.vendor}", seal_all))
    return found + [row for size in SIZES[connection.vendor] for row in _at_size(lecture, owner, size)]


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
    """Compare what is computed for the ledger with the whole check-in, of which the event's row is a part anyway."""
    session = open_session(lecture=lecture, actor=owner, minutes=120)
    students = [_student(lecture, number) for number in range(CHECK_INS)]
    whole = [_seconds(partial(_scan, session, student)) for student in students]
    event = AttendanceEvent.objects.latest("pk")
    body = {"schema": 1, "event": str(event.event_id), "organisation": str(event.organisation_id), "why": "x" * 40}
    body |= {"kind": event.kind, "lecture": event.lecture_id or 0, "received_at": event.received_at.isoformat()}
    part = [_seconds(lambda: commitment(canonical_text(body), new_salt())) for _time in range(CHECK_INS)]
    return Row(
        f"Text, salt and commitment of an event ÷ its check-in, {connection.vendor}",
        f"{median(part) / median(whole):.3f}",
        f"{CHECK_INS} check-ins",
        "at most 0.10",
        f"{median(part) * 1e6:.0f} µs / {median(whole) * 1000:.1f} ms",
    )


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
