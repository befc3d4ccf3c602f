"""Scans without a network: they wait for the teacher whatever they say, within a day, one of each lecture."""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from time_machine import Traveller

from attendance import clock
from attendance.models import Attendance, AttendanceEvent, AttendanceSession, CheckInAttempt, Lecture, User
from attendance.queries.scans import scans_waiting
from attendance.services.attendance_sessions import close_session, open_session
from attendance.services.check_in import OfflineScan, check_in, check_in_offline
from attendance.services.register import Mark, mark_register
from tests.cast import Campus
from tests.phones import Phone
from tests.scans import scan, shown
from tests.sign_in.acts import at_once

Outcome = CheckInAttempt.Outcome


@pytest.fixture
def time() -> Iterator[Traveller]:
    with time_machine.travel(datetime.fromisoformat("2026-11-19T09:03:12+00:00"), tick=False) as traveller:
        yield traveller


@pytest.fixture
def campus(time: Traveller, campus: Campus) -> Campus:
    """The campus of that morning."""
    return campus


@pytest.fixture
def session(campus: Campus) -> AttendanceSession:
    return open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)


def kept(session: AttendanceSession, said_at: datetime | None = None) -> OfflineScan:
    """Return what a device keeps that scans the projector now."""
    return OfflineScan(shown(session), said_at or clock.now(), uuid.uuid4())


def sent(student: User, scan: OfflineScan) -> CheckInAttempt:
    return check_in_offline(student=student, scan=scan)


def test_it_waits_with_the_gap_and_marks_nobody(campus: Campus, session: AttendanceSession, time: Traveller) -> None:
    scan = kept(session)
    made_at = clock.now()
    time.shift(timedelta(hours=2, minutes=30))
    attempt = sent(campus.amira, scan)
    assert (attempt.outcome, attempt.assurance, attempt.event) == (Outcome.PENDING, "", None)
    assert (attempt.code_made_at, attempt.scanned_at, attempt.said_at) == (made_at, made_at, made_at)
    assert attempt.received_at - attempt.scanned_at == timedelta(hours=2, minutes=30)
    assert not Attendance.objects.exists()
    assert scans_waiting(campus.lecture) == [attempt]


def test_it_waits_also_when_it_arrives_at_once(campus: Campus, session: AttendanceSession) -> None:
    assert sent(campus.amira, kept(session)).outcome == Outcome.PENDING


def test_the_devices_clock_counts_for_nothing(campus: Campus, session: AttendanceSession, time: Traveller) -> None:
    lies = kept(session, said_at=clock.now() + timedelta(days=400))
    attempt = sent(campus.amira, lies)
    assert (attempt.outcome, attempt.said_at, attempt.scanned_at) == (Outcome.PENDING, lies.said_at, clock.now())


@pytest.mark.parametrize(("hours", "outcome"), [(24, Outcome.PENDING), (24.001, Outcome.CODE_EXPIRED)])
def test_a_day_is_the_limit(
    campus: Campus, session: AttendanceSession, time: Traveller, hours: float, outcome: str
) -> None:
    scan = kept(session)
    time.shift(timedelta(hours=hours))
    assert sent(campus.amira, scan).outcome == outcome


def test_its_step_has_to_lie_in_the_session(campus: Campus, session: AttendanceSession, time: Traveller) -> None:
    time.shift(60)
    close_session(session=session, actor=campus.ines, mark_rest_absent=False)
    late = kept(session)
    assert sent(campus.amira, late).outcome == Outcome.CLOSED
    time.shift(60)
    assert sent(campus.amira, kept(session)).outcome == Outcome.CODE_UNKNOWN


def test_one_of_each_student_and_lecture_waits(campus: Campus, session: AttendanceSession, time: Traveller) -> None:
    first = sent(campus.amira, kept(session))
    time.shift(30)
    assert sent(campus.amira, kept(session)) == first == CheckInAttempt.objects.get()
    assert sent(campus.bilal, kept(session)) != first


def test_the_same_scan_sent_again_is_the_same_attempt(campus: Campus, session: AttendanceSession) -> None:
    scan = kept(session)
    assert sent(campus.amira, scan) == sent(campus.amira, scan) == CheckInAttempt.objects.get()


def test_a_scan_that_another_account_kept_is_a_copy(campus: Campus, session: AttendanceSession) -> None:
    scan = kept(session)
    sent(campus.amira, scan)
    assert sent(campus.bilal, scan).outcome == Outcome.OTHER_ACCOUNT


def test_who_is_in_already_is_told_so(campus: Campus, session: AttendanceSession) -> None:
    done = check_in(student=campus.amira, claim=scan(session))
    attempt = sent(campus.amira, kept(session))
    assert (attempt.outcome, attempt.event) == (Outcome.ALREADY_IN, done.event)


@pytest.mark.parametrize(
    ("code", "outcome"), [("7" + "A" * 16, Outcome.CODE_UNKNOWN), ("nonsense", Outcome.CODE_UNKNOWN)]
)
def test_what_is_no_code_of_ours_is_none(campus: Campus, session: AttendanceSession, code: str, outcome: str) -> None:
    assert sent(campus.amira, OfflineScan(code, clock.now(), uuid.uuid4())).outcome == outcome


def test_whoever_does_not_belong_there_is_refused(campus: Campus, session: AttendanceSession) -> None:
    assert sent(campus.outsider, kept(session)).outcome == Outcome.NOT_ENROLLED
    Lecture.objects.update(cancelled_at=clock.now())
    assert sent(campus.amira, kept(session)).outcome == Outcome.CLOSED


def test_the_signature_covers_code_time_and_name(campus: Campus, session: AttendanceSession) -> None:
    phone, other = Phone(), open_session(lecture=campus.lecture_at(clock.now()), actor=campus.ines, minutes=15)
    claim = scan(other)
    check_in(student=campus.amira, claim=claim, sender=phone.sends(campus.amira, claim))
    good = kept(session)
    attempt = check_in_offline(student=campus.amira, scan=good, sender=phone.signs(campus.amira, good.signed))
    assert (attempt.outcome, attempt.device_proof) == (Outcome.PENDING, "known")
    assert good.signed == f"{good.nonce}\n{good.code}\n1795078992000"
    attempt.delete()
    attempt = check_in_offline(student=campus.amira, scan=kept(session), sender=phone.signs(campus.amira, good.signed))
    assert attempt.device_proof == "bad"


def test_somebody_elses_device_is_refused_here_as_well(campus: Campus, session: AttendanceSession) -> None:
    phone, claim, good = Phone(), scan(session), kept(session)
    check_in(student=campus.amira, claim=claim, sender=phone.sends(campus.amira, claim))
    attempt = check_in_offline(student=campus.bilal, scan=good, sender=phone.signs(campus.bilal, good.signed))
    assert attempt.outcome == Outcome.OTHER_DEVICE


def test_the_teachers_mark_answers_it(campus: Campus, session: AttendanceSession, time: Traveller) -> None:
    sent(campus.amira, kept(session))
    time.shift(5)
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=[Mark(campus.amira.pk, "late", 0)])
    assert scans_waiting(campus.lecture) == []
    assert AttendanceEvent.objects.get(kind="marked").method == "teacher"


@pytest.mark.django_db(transaction=True)
def test_two_of_one_lecture_sent_at_once_are_one(transactional_db: None, campus: Campus) -> None:
    session = open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    scans = [kept(session) for _number in range(4)]
    attempts = at_once(4, lambda each: sent(campus.amira, scans[each]))
    assert len({attempt.pk for attempt in attempts}) == CheckInAttempt.objects.count() == 1
