"""Known devices: bound by the first check-in, known from the second on, and nobody else's until they are forgotten."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from time_machine import Traveller

from attendance import clock
from attendance.models import Attendance, AttendanceSession, CheckInAttempt, Device, User
from attendance.queries.devices import devices_of
from attendance.services.attendance_sessions import open_session
from attendance.services.check_in import check_in, check_in_typed
from attendance.services.devices import MOST, forget
from attendance.services.refusals import Refusal
from attendance.services.register import Mark, mark_register
from attendance.services.scans import Sender
from tests.cast import Campus
from tests.phones import Phone
from tests.scans import scan, typed_now
from tests.sign_in.acts import at_once

Outcome = CheckInAttempt.Outcome


@pytest.fixture
def time() -> Iterator[Traveller]:
    """The clock, which stands still but for the test."""
    with time_machine.travel(clock.now().replace(microsecond=0), tick=False) as traveller:
        yield traveller


@pytest.fixture
def session(time: Traveller, campus: Campus) -> AttendanceSession:
    return open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)


@pytest.fixture
def phone() -> Phone:
    return Phone()


def another(campus: Campus) -> AttendanceSession:
    """Open check-in of one more lecture of the course."""
    return open_session(lecture=campus.lecture_at(clock.now()), actor=campus.ines, minutes=15)


def scanned(student: User, session: AttendanceSession, phone: Phone) -> CheckInAttempt:
    claim = scan(session)
    return check_in(student=student, claim=claim, sender=phone.sends(student, claim))


def worth(attempt: CheckInAttempt) -> tuple[str, str, int]:
    return attempt.outcome, attempt.device_proof, attempt.dots


def test_the_first_check_in_binds_and_the_second_is_a_known_device(
    campus: Campus, session: AttendanceSession, phone: Phone
) -> None:
    first = scanned(campus.amira, session, phone)
    assert worth(first) == ("checked_in", "new", 3)
    device = Device.objects.get()
    assert (device.student, device.browser, device.bound_at) == (campus.amira, "Chrome, Android", clock.now())
    second = scanned(campus.amira, another(campus), phone)
    assert worth(second) == ("checked_in", "known", 4)
    assert first.device == second.device == device == Device.objects.get()


def test_without_a_signature_everything_is_as_before(campus: Campus, session: AttendanceSession) -> None:
    attempt = check_in(student=campus.amira, claim=scan(session))
    assert worth(attempt) == ("checked_in", "", 3)
    assert attempt.device is None and not Device.objects.exists()


def test_a_bad_signature_refuses_nobody_and_is_recorded(
    campus: Campus, session: AttendanceSession, phone: Phone
) -> None:
    claim = scan(session)
    attempt = check_in(student=campus.amira, claim=claim, sender=phone.signs(campus.amira, "another scan"))
    assert worth(attempt) == ("checked_in", "bad", 3)
    assert not Device.objects.exists()


def test_a_signature_for_another_account_is_a_bad_one(campus: Campus, session: AttendanceSession, phone: Phone) -> None:
    claim = scan(session)
    assert worth(check_in(student=campus.amira, claim=claim, sender=phone.sends(campus.bilal, claim)))[1] == "bad"


def test_somebody_elses_device_is_refused_and_named(campus: Campus, session: AttendanceSession, phone: Phone) -> None:
    scanned(campus.amira, session, phone)
    attempt = scanned(campus.bilal, session, phone)
    assert worth(attempt) == ("other_device", "known", 0)
    assert (attempt.event, attempt.lecture, attempt.device) == (None, campus.lecture, Device.objects.get())
    assert attempt.was_refused
    assert not Attendance.objects.filter(student=campus.bilal).exists()
    assert worth(scanned(campus.bilal, session, Phone())) == ("checked_in", "new", 3)


def test_who_is_in_already_hears_that_on_any_device(campus: Campus, session: AttendanceSession, phone: Phone) -> None:
    scanned(campus.amira, session, phone)
    scanned(campus.bilal, session, Phone())
    assert scanned(campus.bilal, session, phone).outcome == Outcome.ALREADY_IN


def test_a_refused_scan_binds_nothing(
    campus: Campus, session: AttendanceSession, phone: Phone, time: Traveller
) -> None:
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=[Mark(campus.amira.pk, "absent", 0)])
    assert worth(scanned(campus.amira, session, phone)) == ("pending", "new", 0)
    assert worth(scanned(campus.outsider, session, phone)) == ("not_enrolled", "", 0)
    assert not Device.objects.exists()


def test_a_typed_code_is_signed_as_well(campus: Campus, session: AttendanceSession, phone: Phone) -> None:
    scanned(campus.amira, session, phone)
    other = another(campus)
    code = typed_now(other)
    answer = check_in_typed(student=campus.amira, code=code, sender=phone.signs(campus.amira, code))
    assert worth(answer.attempt) == ("checked_in", "known", 3)


@pytest.mark.parametrize("own", [True, False])
def test_a_copied_claim_is_a_copy_whatever_device_sends_it(
    campus: Campus, session: AttendanceSession, phone: Phone, own: bool
) -> None:
    claim = scan(session)
    check_in(student=campus.amira, claim=claim, sender=phone.sends(campus.amira, claim))
    sender = (Phone() if own else phone).sends(campus.bilal, claim)
    assert check_in(student=campus.bilal, claim=claim, sender=sender).outcome == Outcome.OTHER_ACCOUNT
    assert Device.objects.get().student == campus.amira


# --- Changing phones ----------------------------------------------------------------------------------------------


def test_a_new_phone_is_bound_and_the_one_used_least_recently_goes(
    campus: Campus, session: AttendanceSession, time: Traveller
) -> None:
    phones = [Phone() for _number in range(MOST + 1)]
    for each in phones:
        assert worth(scanned(campus.amira, another(campus), each))[1] == "new"
        time.shift(timedelta(minutes=1))
    assert devices_of(campus.amira).count() == MOST
    assert worth(scanned(campus.amira, another(campus), phones[0]))[1] == "new"
    assert worth(scanned(campus.amira, another(campus), phones[-1]))[1] == "known"


def test_a_forgotten_device_is_whose_it_is_next(campus: Campus, session: AttendanceSession, phone: Phone) -> None:
    scanned(campus.amira, session, phone)
    forget(device=Device.objects.get(), actor=campus.amira)
    assert worth(scanned(campus.bilal, session, phone)) == ("checked_in", "new", 3)
    assert worth(scanned(campus.amira, another(campus), phone)) == ("other_device", "known", 0)
    assert [device.student for device in Device.objects.filter(revoked_at__isnull=True)] == [campus.bilal]


def test_nothing_is_forgotten_twice(campus: Campus, session: AttendanceSession, phone: Phone) -> None:
    scanned(campus.amira, session, phone)
    device = Device.objects.get()
    forget(device=device, actor=campus.amira)
    with pytest.raises(Refusal, match="forgotten already"):
        forget(device=device, actor=campus.ines)


# --- Cost ---------------------------------------------------------------------------------------------------------


def test_last_use_is_written_once_a_day(
    campus: Campus, session: AttendanceSession, phone: Phone, time: Traveller
) -> None:
    scanned(campus.amira, session, phone)
    bound_at = clock.now()
    time.shift(timedelta(hours=23, minutes=59))
    scanned(campus.amira, another(campus), phone)
    assert Device.objects.get().last_used_at == bound_at
    time.shift(timedelta(minutes=1))
    scanned(campus.amira, another(campus), phone)
    assert Device.objects.get().last_used_at == clock.now() == bound_at + timedelta(days=1)


def test_a_known_device_costs_one_query(campus: Campus, session: AttendanceSession, phone: Phone) -> None:
    def cost(sender_of: Phone | None) -> int:
        claim = scan(another(campus))
        sender = sender_of.sends(campus.amira, claim) if sender_of else Sender()
        with CaptureQueriesContext(connection) as queries:
            check_in(student=campus.amira, claim=claim, sender=sender)
        return len(queries)

    scanned(campus.amira, session, phone)
    plain = cost(None)
    assert cost(phone) == plain + 1
    assert cost(replace(phone, address="203.0.113.7")) == plain + 1


@pytest.mark.django_db(transaction=True)
def test_two_accounts_that_bind_one_device_at_once_leave_it_to_one(transactional_db: None, campus: Campus) -> None:
    session = open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    AttendanceSession.objects.update(step_seconds=60)
    session.refresh_from_db()
    phone, students = Phone(), [campus.amira, campus.bilal]
    attempts = at_once(2, lambda each: scanned(students[each], session, phone))
    assert sorted(attempt.outcome for attempt in attempts) == ["checked_in", "other_device"]
    assert Device.objects.count() == Attendance.objects.count() == 1
