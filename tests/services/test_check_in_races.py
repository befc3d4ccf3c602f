"""Many scans at the same moment: none is lost, none counts twice, and no register tramples on them."""

from collections import Counter

import pytest

from attendance import clock
from attendance.models import Attendance, AttendanceEvent, AttendanceSession, CheckInAttempt, User
from attendance.queries.claims import claim_of
from attendance.services.attendance_sessions import open_session
from attendance.services.check_in import check_in
from attendance.services.register import Mark, Outcome, mark_register
from tests.cast import Campus, enrol, person
from tests.scans import scan, shown
from tests.sign_in.acts import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def session(transactional_db: None, campus: Campus) -> AttendanceSession:
    """The lecture's check-in, whose codes live long enough for a slow machine."""
    session = open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    AttendanceSession.objects.update(step_seconds=60)
    session.refresh_from_db()
    return session


def class_of(campus: Campus, number: int) -> list[User]:
    students = [person(campus.organisation, f"s{each}", "student", f"Student {each}") for each in range(number)]
    for each, student in enumerate(students):
        enrol(campus.offering, student, f"1{each:03}")
    return students


def marks() -> Counter[str]:
    return Counter(Attendance.objects.values_list("status", flat=True))


def events_per_student() -> list[int]:
    students = AttendanceEvent.objects.filter(kind="marked").values_list("student", flat=True)
    return list(Counter(students).values())


def test_fifty_students_at_once_are_fifty_marks(campus: Campus, session: AttendanceSession) -> None:
    students = class_of(campus, 50)
    code = shown(session)
    attempts = at_once(50, lambda each: check_in(student=students[each], claim=claim_of(code)[0]))
    assert Counter(attempt.outcome for attempt in attempts) == {"checked_in": 50}
    assert marks() == {"present": 50}
    assert events_per_student() == [1] * 50
    assert CheckInAttempt.objects.count() == 50


def test_one_scan_sent_ten_times_at_once_is_one_attempt(campus: Campus, session: AttendanceSession) -> None:
    claim = scan(session)
    attempts = at_once(10, lambda _each: check_in(student=campus.amira, claim=claim))
    assert {attempt.pk for attempt in attempts} == {CheckInAttempt.objects.get().pk}
    assert events_per_student() == [1]
    assert Attendance.objects.get().version == 1


def test_ten_scans_of_one_student_at_once_are_one_mark(campus: Campus, session: AttendanceSession) -> None:
    claims = [scan(session) for _time in range(10)]
    attempts = at_once(10, lambda each: check_in(student=campus.amira, claim=claims[each]))
    assert Counter(attempt.outcome for attempt in attempts) == {"checked_in": 1, "already_in": 9}
    assert len({attempt.event_id for attempt in attempts}) == 1
    assert events_per_student() == [1]


def test_a_copied_claim_sent_by_ten_accounts_at_once_checks_one_in(campus: Campus, session: AttendanceSession) -> None:
    students, claim = class_of(campus, 10), scan(session)
    attempts = at_once(10, lambda each: check_in(student=students[each], claim=claim))
    assert Counter(attempt.outcome for attempt in attempts) == {"checked_in": 1, "other_account": 9}
    assert marks() == {"present": 1}
    assert CheckInAttempt.objects.count() == 10


def test_a_register_saved_while_two_hundred_scans_arrive_loses_none(campus: Campus, session: AttendanceSession) -> None:
    students = class_of(campus, 200)
    code = shown(session)

    def act(thread: int) -> Outcome | None:
        """One thread saves everybody as absent who was blank on its screen; the others scan, ten students each."""
        if thread == 20:
            absent = [Mark(student.pk, "absent", 0) for student in students]
            return mark_register(lecture=campus.lecture, actor=campus.ines, marks=absent)
        for student in students[thread * 10 : thread * 10 + 10]:
            check_in(student=student, claim=claim_of(code)[0])
        return None

    [saved] = [outcome for outcome in at_once(21, act) if outcome is not None]
    outcomes = Counter(CheckInAttempt.objects.values_list("outcome", flat=True))
    assert sum(outcomes.values()) == 200
    assert marks()["present"] == outcomes["checked_in"] == len(saved.conflicts)
    assert marks()["absent"] == outcomes["pending"] == len(saved.changed)
    assert events_per_student() == [1] * 200


def test_two_teachers_who_open_at_once_get_one_session(campus: Campus) -> None:
    teachers = [campus.ines, campus.kwame] * 3
    opened = at_once(6, lambda each: open_session(lecture=campus.lecture, actor=teachers[each], minutes=15))
    assert len({session.pk for session in opened}) == AttendanceSession.objects.count() == 1
    assert {bytes(session.key or b"") for session in opened} == {bytes(AttendanceSession.objects.get().key or b"")}
    assert opened[0].ends_at > clock.now()
