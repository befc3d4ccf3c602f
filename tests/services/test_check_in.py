"""One scan, one outcome: what marks, what is refused and why, and what happens when it comes twice."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from time_machine import Traveller

from attendance import clock
from attendance.models import (
    Attendance,
    AttendanceEvent,
    AttendanceSession,
    CheckInAttempt,
    Enrolment,
    Lecture,
    Organisation,
    Section,
    Status,
    User,
)
from attendance.qr.tokens import Code, step_at, token_of, written
from attendance.queries.claims import Claim, claim_of
from attendance.queries.scans import scans_waiting
from attendance.services.attendance_sessions import close_session, open_session
from attendance.services.check_in import check_in, check_in_typed
from attendance.services.register import Mark, mark_register
from tests.cast import Campus, person
from tests.scans import scan, shown, typed_now

Outcome = CheckInAttempt.Outcome


@pytest.fixture
def time() -> Iterator[Traveller]:
    """The clock, which stands still but for the test."""
    with time_machine.travel(clock.now().replace(microsecond=0), tick=False) as traveller:
        yield traveller


@pytest.fixture
def session(time: Traveller, campus: Campus) -> AttendanceSession:
    """The lecture's check-in, open for a quarter of an hour; the lecture began five minutes ago."""
    return open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)


def status_of(student: User) -> str:
    mark = Attendance.objects.filter(student=student).first()
    return mark.status if mark else ""


def only_attempt() -> CheckInAttempt:
    return CheckInAttempt.objects.get()


# --- What marks ---------------------------------------------------------------------------------------------------


def test_a_scan_marks_by_an_event_and_leaves_one_attempt(campus: Campus, session: AttendanceSession) -> None:
    attempt = check_in(student=campus.amira, claim=scan(session))
    mark, event = Attendance.objects.get(), AttendanceEvent.objects.get(kind="marked")
    assert (attempt.outcome, attempt.assurance, attempt.event) == (Outcome.CHECKED_IN, "live", event)
    assert (mark.status, mark.version, mark.event) == (Status.PRESENT, 1, event)
    assert (event.method, event.actor, event.student, event.scanned_at) == (
        "scan",
        campus.amira,
        campus.amira,
        attempt.scanned_at,
    )
    assert (only_attempt(), attempt.session, attempt.lecture) == (attempt, session, campus.lecture)


def test_a_blank_row_that_a_register_made_is_filled(campus: Campus, session: AttendanceSession) -> None:
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=[Mark(campus.amira.pk, "absent", 0)])
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=[Mark(campus.amira.pk, "", 1)])
    assert check_in(student=campus.amira, claim=scan(session)).outcome == Outcome.CHECKED_IN
    assert Attendance.objects.get().version == 3


@pytest.mark.parametrize(("seconds", "status"), [(299, Status.PRESENT), (300, Status.LATE)])
def test_late_begins_ten_minutes_after_the_start(
    campus: Campus, session: AttendanceSession, time: Traveller, seconds: int, status: str
) -> None:
    Lecture.objects.update(starts_at=clock.now() - timedelta(minutes=5))
    time.shift(seconds)
    check_in(student=campus.amira, claim=scan(session))
    assert status_of(campus.amira) == status


def test_the_moment_of_the_scan_counts_and_not_that_of_the_login(
    campus: Campus, session: AttendanceSession, time: Traveller
) -> None:
    Lecture.objects.update(starts_at=clock.now() - timedelta(minutes=9))
    claim = scan(session)
    time.shift(120)
    check_in(student=campus.amira, claim=claim)
    assert status_of(campus.amira) == Status.PRESENT


@pytest.mark.parametrize(
    ("seconds", "outcome", "assurance"),
    [
        (0, Outcome.CHECKED_IN, "live"),
        (15, Outcome.CHECKED_IN, "live"),
        (16, Outcome.CHECKED_IN, "kept"),
        (180, Outcome.CHECKED_IN, "kept"),
        (181, Outcome.PENDING, ""),
        (900, Outcome.PENDING, ""),
        (901, Outcome.CODE_EXPIRED, ""),
    ],
)
def test_a_claim_is_worth_less_the_longer_it_was_kept(
    campus: Campus, session: AttendanceSession, time: Traveller, seconds: int, outcome: str, assurance: str
) -> None:
    claim = scan(session)
    time.shift(seconds)
    attempt = check_in(student=campus.amira, claim=claim)
    assert (attempt.outcome, attempt.assurance) == (outcome, assurance)
    assert status_of(campus.amira) == ("present" if assurance else "")


def test_a_scan_within_the_window_counts_although_check_in_closed_meanwhile(
    campus: Campus, session: AttendanceSession, time: Traveller
) -> None:
    claim = scan(session)
    time.shift(5)
    close_session(session=session, actor=campus.ines, mark_rest_absent=False)
    assert check_in(student=campus.amira, claim=claim).outcome == Outcome.CHECKED_IN


# --- The window of codes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "outcome"), [(2, "checked_in"), (8, "checked_in"), (9, "code_expired")])
def test_a_photo_is_refused_once_its_code_is_nine_seconds_old(
    campus: Campus, session: AttendanceSession, time: Traveller, seconds: int, outcome: str
) -> None:
    time.move_to(clock.now() + timedelta(seconds=3 - clock.now().timestamp() % 3))
    code, made_at = shown(session), clock.now()
    time.shift(seconds)
    attempt = check_in(student=campus.amira, claim=claim_of(code)[0])
    assert (attempt.outcome, attempt.code_made_at) == (outcome, made_at)


def test_step_and_window_are_those_of_the_session(campus: Campus, session: AttendanceSession, time: Traveller) -> None:
    AttendanceSession.objects.update(step_seconds=10, accepted_steps=2)
    session.refresh_from_db()
    time.move_to(clock.now() + timedelta(seconds=10 - clock.now().timestamp() % 10))
    code = shown(session)
    time.shift(19)
    assert check_in(student=campus.amira, claim=claim_of(code)[0]).outcome == Outcome.CHECKED_IN
    time.shift(1)
    assert check_in(student=campus.bilal, claim=claim_of(code)[0]).outcome == Outcome.CODE_EXPIRED


def test_a_code_of_the_future_and_one_from_before_the_opening_are_none(
    campus: Campus, session: AttendanceSession, time: Traveller
) -> None:
    now = step_at(clock.now().timestamp(), 3)
    for step in (now + 1, now - 1):
        code = written(Code(session.pk, token_of(bytes(session.key), session.pk, step)))
        assert claim_of(code)[0].session_id is None


def test_a_token_of_another_session_is_none_of_this_one(campus: Campus, session: AttendanceSession) -> None:
    other = open_session(lecture=campus.lecture_at(clock.now()), actor=campus.ines, minutes=15)
    token = shown(other)[-16:]
    assert claim_of(shown(session)[:-16] + token)[0].session_id is None
    assert claim_of(shown(other))[0].session_id == other.pk


def test_the_key_goes_a_day_after_the_end_and_its_codes_with_it(
    campus: Campus, session: AttendanceSession, time: Traveller
) -> None:
    code = shown(session)
    time.shift(timedelta(hours=24, minutes=14))
    open_session(lecture=campus.lecture_at(clock.now()), actor=campus.ines, minutes=15)
    assert claim_of(code)[0].session_id == session.pk
    time.shift(timedelta(minutes=1))
    newest = open_session(lecture=campus.lecture_at(clock.now()), actor=campus.ines, minutes=15)
    assert claim_of(code)[0].session_id is None
    assert list(AttendanceSession.objects.filter(key__isnull=True)) == [session]
    assert len(bytes(newest.key)) == 32


# --- Refusals -----------------------------------------------------------------------------------------------------


def refused(student: User, claim: Claim) -> CheckInAttempt:
    before = list(Attendance.objects.values())
    attempt = check_in(student=student, claim=claim)
    assert list(Attendance.objects.values()) == before
    assert attempt.event is None
    assert (attempt.student, attempt.organisation) == (student, student.organisation)
    return attempt


def test_nobodys_code_leaves_an_attempt_about_nothing(campus: Campus, session: AttendanceSession) -> None:
    attempt = refused(campus.amira, claim_of("7" + "A" * 16)[0])
    assert (attempt.outcome, attempt.lecture, attempt.session) == (Outcome.CODE_UNKNOWN, None, None)


def test_the_sixth_unknown_code_is_one_too_many(campus: Campus, session: AttendanceSession) -> None:
    outcomes = [refused(campus.amira, claim_of("7" + "A" * 16)[0]).outcome for _time in range(6)]
    assert outcomes == [Outcome.CODE_UNKNOWN] * 5 + [Outcome.TOO_MANY]
    assert check_in(student=campus.amira, claim=scan(session)).outcome == Outcome.CHECKED_IN


def test_a_closed_check_in_is_closed(campus: Campus, session: AttendanceSession, time: Traveller) -> None:
    close_session(session=session, actor=campus.ines, mark_rest_absent=False)
    code = shown(session)
    time.shift(1)
    assert refused(campus.amira, claim_of(code)[0]).outcome == Outcome.CLOSED


def test_a_check_in_that_nobody_closed_ends_as_planned(
    campus: Campus, session: AttendanceSession, time: Traveller
) -> None:
    time.shift(timedelta(minutes=15) - timedelta(seconds=2))
    code = shown(session)
    time.shift(2)
    assert refused(campus.amira, claim_of(code)[0]).outcome == Outcome.CLOSED


def test_a_cancelled_lecture_takes_no_scans(campus: Campus, session: AttendanceSession) -> None:
    claim = scan(session)
    Lecture.objects.update(cancelled_at=clock.now())
    assert refused(campus.amira, claim).outcome == Outcome.CLOSED


def test_whoever_is_not_enrolled_is_told_so(campus: Campus, session: AttendanceSession) -> None:
    attempt = refused(campus.outsider, scan(session))
    assert (attempt.outcome, attempt.lecture) == (Outcome.NOT_ENROLLED, campus.lecture)


def test_whoever_left_the_course_is_not_enrolled(campus: Campus, session: AttendanceSession, time: Traveller) -> None:
    yesterday = clock.today(campus.organisation.zone) - timedelta(days=1)
    Enrolment.objects.filter(student=campus.amira).update(until_day=yesterday)
    assert refused(campus.amira, scan(session)).outcome == Outcome.NOT_ENROLLED


def test_the_neighbours_code_names_both_lectures(campus: Campus, session: AttendanceSession) -> None:
    section = Section.objects.create(offering=campus.offering, name="Seminar 2")
    Enrolment.objects.get(student=campus.bilal).sections.add(section)
    neighbour = campus.lecture_at(clock.now())
    neighbour.section = section
    neighbour.save()
    theirs = open_session(lecture=neighbour, actor=campus.ines, minutes=15)
    attempt = refused(campus.amira, scan(theirs))
    assert (attempt.outcome, attempt.session, attempt.lecture) == (Outcome.OTHER_LECTURE, theirs, campus.lecture)


def test_another_institutions_code_says_nothing_of_its_lecture(campus: Campus, session: AttendanceSession) -> None:
    elsewhere = Organisation.objects.get(slug="brackley")
    student = person(elsewhere, "sana", "student", "Sana Malik")
    attempt = refused(student, scan(session))
    assert (attempt.outcome, attempt.session, attempt.lecture) == (Outcome.OTHER_ORGANISATION, None, None)


# --- Twice --------------------------------------------------------------------------------------------------------


def test_the_same_scan_sent_again_is_the_same_attempt(
    campus: Campus, session: AttendanceSession, time: Traveller
) -> None:
    claim = scan(session)
    first = check_in(student=campus.amira, claim=claim)
    time.shift(60)
    assert check_in(student=campus.amira, claim=claim) == first == only_attempt()
    assert AttendanceEvent.objects.filter(kind="marked").count() == 1


def test_a_second_scan_finds_the_first_mark_however_old_its_code(
    campus: Campus, session: AttendanceSession, time: Traveller
) -> None:
    code = shown(session)
    first = check_in(student=campus.amira, claim=claim_of(code)[0])
    time.shift(60)
    second = check_in(student=campus.amira, claim=claim_of(code)[0])
    assert (second.outcome, second.event) == (Outcome.ALREADY_IN, first.event)
    assert AttendanceEvent.objects.filter(kind="marked").count() == 1


def test_a_copied_claim_belongs_to_whoever_sent_it_first(campus: Campus, session: AttendanceSession) -> None:
    claim = scan(session)
    check_in(student=campus.amira, claim=claim)
    attempt = refused(campus.bilal, claim)
    assert (attempt.outcome, attempt.lecture) == (Outcome.OTHER_ACCOUNT, campus.lecture)
    assert refused(campus.bilal, claim) == attempt
    assert CheckInAttempt.objects.count() == 2
    assert check_in(student=campus.bilal, claim=scan(session)).outcome == Outcome.CHECKED_IN


# --- Beside the register ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["absent", "excused", "exempt"])
def test_a_teachers_mark_is_not_overwritten_and_the_scan_waits(
    campus: Campus, session: AttendanceSession, status: str
) -> None:
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=[Mark(campus.amira.pk, status, 0)])
    attempt = refused(campus.amira, scan(session))
    assert attempt.outcome == Outcome.PENDING
    assert status_of(campus.amira) == status


@pytest.mark.parametrize("status", ["present", "late", "left_early", "remote"])
def test_a_mark_of_being_there_is_found_done(campus: Campus, session: AttendanceSession, status: str) -> None:
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=[Mark(campus.amira.pk, status, 0)])
    assert check_in(student=campus.amira, claim=scan(session)).outcome == Outcome.ALREADY_IN
    assert Attendance.objects.get().version == 1


def test_a_scan_that_arrives_while_the_register_is_open_is_kept(campus: Campus, session: AttendanceSession) -> None:
    check_in(student=campus.amira, claim=scan(session))
    marks = [Mark(student.pk, "absent", 0) for student in (campus.amira, campus.bilal)]
    outcome = mark_register(lecture=campus.lecture, actor=campus.ines, marks=marks)
    assert (outcome.changed, outcome.conflicts) == ([campus.bilal.pk], [campus.amira.pk])
    assert status_of(campus.amira) == "present"


def test_a_waiting_scan_waits_until_its_student_is_marked(
    campus: Campus, session: AttendanceSession, time: Traveller
) -> None:
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=[Mark(campus.amira.pk, "absent", 0)])
    time.shift(1)
    attempt = check_in(student=campus.amira, claim=scan(session))
    assert scans_waiting(campus.lecture) == [attempt]
    time.shift(1)
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=[Mark(campus.amira.pk, "present", 1)])
    assert scans_waiting(campus.lecture) == []


# --- Typed codes --------------------------------------------------------------------------------------------------


def test_a_typed_code_checks_in(campus: Campus, session: AttendanceSession) -> None:
    attempt = check_in_typed(student=campus.amira, code=typed_now(session)).attempt
    assert (attempt.outcome, attempt.assurance) == (Outcome.CHECKED_IN, "typed")
    assert AttendanceEvent.objects.get(kind="marked").method == "typed"


def test_a_typed_code_lives_through_the_next_thirty_seconds(
    campus: Campus, session: AttendanceSession, time: Traveller
) -> None:
    time.move_to(clock.now() + timedelta(seconds=30 - clock.now().timestamp() % 30))
    code = typed_now(session)
    time.shift(59)
    assert check_in_typed(student=campus.amira, code=code).attempt.outcome == Outcome.CHECKED_IN
    time.shift(1)
    assert check_in_typed(student=campus.bilal, code=code).attempt.outcome == Outcome.CODE_UNKNOWN


def test_five_wrong_codes_are_the_end_of_guessing(campus: Campus, session: AttendanceSession) -> None:
    answers = [check_in_typed(student=campus.amira, code="000000") for _time in range(6)]
    assert [answer.attempt.outcome for answer in answers] == [Outcome.CODE_UNKNOWN] * 5 + [Outcome.TOO_MANY]
    assert [answer.tries.left for answer in answers if answer.tries] == [4, 3, 2, 1, 0, 0]
    right = check_in_typed(student=campus.amira, code=typed_now(session))
    assert right.attempt.outcome == Outcome.TOO_MANY
    assert check_in_typed(student=campus.bilal, code=typed_now(session)).attempt.outcome == Outcome.CHECKED_IN


def test_a_right_code_is_no_failure(campus: Campus, session: AttendanceSession) -> None:
    for _time in range(7):
        check_in_typed(student=campus.amira, code=typed_now(session))
    answer = check_in_typed(student=campus.amira, code="000000")
    assert answer.tries is not None and answer.tries.left == 4


def test_two_check_ins_at_once_are_told_apart_by_the_code(campus: Campus, session: AttendanceSession) -> None:
    other = open_session(lecture=campus.lecture_at(clock.now()), actor=campus.ines, minutes=15)
    assert check_in_typed(student=campus.amira, code=typed_now(other)).attempt.session == other
    assert check_in_typed(student=campus.amira, code=typed_now(session)).attempt.session == session


def test_typing_before_and_after_check_in_says_which(campus: Campus, time: Traveller) -> None:
    early = check_in_typed(student=campus.amira, code="000000")
    session = open_session(lecture=campus.lecture, actor=campus.ines, minutes=1)
    time.shift(60)
    after = check_in_typed(student=campus.amira, code=typed_now(session))
    nowhere = check_in_typed(student=campus.outsider, code="000000")
    assert [answer.attempt.outcome for answer in (early, after, nowhere)] == [
        Outcome.TOO_EARLY,
        Outcome.CLOSED,
        Outcome.CODE_UNKNOWN,
    ]
    assert (early.attempt.lecture, after.attempt.session, nowhere.attempt.lecture) == (campus.lecture, session, None)


def test_a_typed_code_is_no_scanned_one(campus: Campus, session: AttendanceSession) -> None:
    assert claim_of(typed_now(session))[0].session_id is None
    assert claim_of(shown(session)[:-16] + typed_now(session))[0].session_id is None
