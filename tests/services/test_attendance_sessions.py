"""Opening and closing: one open session per lecture, and nobody becomes absent unasked."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from attendance import clock
from attendance.models import Attendance, AttendanceEvent, AttendanceSession, Status
from attendance.services.attendance_sessions import close_session, open_session
from attendance.services.refusals import Refusal
from attendance.services.register import Mark, mark_register
from attendance.services.sealing_thread import wanted
from tests.cast import Campus

Kind = AttendanceEvent.Kind


def kinds() -> list[str]:
    return list(AttendanceEvent.objects.order_by("pk").values_list("kind", flat=True))


def test_opening_is_recorded(campus: Campus) -> None:
    session = open_session(lecture=campus.lecture, actor=campus.kwame, minutes=15)
    assert session.ends_at - session.opened_at == timedelta(minutes=15)
    assert kinds() == [Kind.SESSION_OPENED]


@pytest.mark.parametrize(("codes", "changes", "lives"), [("strict", 3, 9), ("normal", 3, 15), ("relaxed", 5, 30)])
def test_codes_live_as_long_as_was_chosen(campus: Campus, codes: str, changes: int, lives: int) -> None:
    chosen = AttendanceSession.CodeLife(codes)
    session = open_session(lecture=campus.lecture, actor=campus.ines, minutes=15, codes=chosen)
    assert (session.step_seconds, session.code_seconds) == (changes, lives)


def test_opening_twice_gives_the_same_session(campus: Campus) -> None:
    first = open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    second = open_session(lecture=campus.lecture, actor=campus.kwame, minutes=30)
    assert first == second
    assert kinds() == [Kind.SESSION_OPENED]


def test_a_closed_lecture_can_be_opened_again(campus: Campus) -> None:
    first = open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    close_session(session=first, actor=campus.ines, mark_rest_absent=False)
    assert open_session(lecture=campus.lecture, actor=campus.ines, minutes=15) != first


@pytest.mark.parametrize("minutes", [0, -5, 121])
def test_the_length_has_bounds(campus: Campus, minutes: int) -> None:
    with pytest.raises(Refusal, match="Choose 1 to 120"):
        open_session(lecture=campus.lecture, actor=campus.ines, minutes=minutes)
    assert not AttendanceSession.objects.exists()


def test_an_hour_before_the_lecture_is_early_enough(campus: Campus) -> None:
    soon, later = (campus.lecture_at(clock.now() + timedelta(minutes=minutes)) for minutes in (59, 62))
    assert open_session(lecture=soon, actor=campus.ines, minutes=15).pk
    with pytest.raises(Refusal, match="Too early"):
        open_session(lecture=later, actor=campus.ines, minutes=15)


def test_a_cancelled_lecture_has_no_check_in(campus: Campus) -> None:
    campus.lecture.cancelled_at = clock.now()
    with pytest.raises(Refusal, match="cancelled"):
        open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)


def test_closing_leaves_blanks_alone_unless_asked(campus: Campus) -> None:
    session = open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    assert close_session(session=session, actor=campus.ines, mark_rest_absent=False) == 0
    assert not Attendance.objects.exists()
    assert kinds() == [Kind.SESSION_OPENED, Kind.SESSION_CLOSED]


def test_closing_has_what_happened_sealed_once_it_is_committed(
    campus: Campus, django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[list[object]]]
) -> None:
    session = open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    wanted.clear()
    with django_capture_on_commit_callbacks(execute=True):
        close_session(session=session, actor=campus.ines, mark_rest_absent=False)
        assert not wanted.is_set()
    assert wanted.is_set()


def test_closing_marks_the_rest_absent_when_asked(campus: Campus) -> None:
    session = open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    marks = [Mark(campus.amira.pk, Status.PRESENT, 0)]
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=marks)
    assert close_session(session=session, actor=campus.ines, mark_rest_absent=True) == 1
    statuses = dict(Attendance.objects.values_list("student", "status"))
    assert statuses == {campus.amira.pk: Status.PRESENT, campus.bilal.pk: Status.ABSENT}
    absence = AttendanceEvent.objects.get(student=campus.bilal)
    assert (absence.method, absence.actor) == (AttendanceEvent.Method.CLOSING, campus.ines)


def test_a_mark_taken_back_is_a_blank_again(campus: Campus) -> None:
    session = open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    for version, status in enumerate([Status.PRESENT, ""]):
        marks = [Mark(campus.amira.pk, status, version)]
        mark_register(lecture=campus.lecture, actor=campus.ines, marks=marks)
    assert close_session(session=session, actor=campus.ines, mark_rest_absent=True) == 2


def test_closing_twice_is_refused(campus: Campus) -> None:
    session = open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    close_session(session=session, actor=campus.ines, mark_rest_absent=False)
    with pytest.raises(Refusal, match="closed already"):
        close_session(session=session, actor=campus.kwame, mark_rest_absent=True)
    assert kinds() == [Kind.SESSION_OPENED, Kind.SESSION_CLOSED]
