"""Requests: what may be filed, who is asked, and what an approval carries out."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from attendance import clock
from attendance.models import Attendance, AttendanceEvent, CheckInAttempt, Enrolment, Request
from attendance.services import requests
from attendance.services.attendance_sessions import open_session
from attendance.services.refusals import Refusal
from attendance.services.register import Mark, mark_register
from tests.cast import Campus

DECISIONS = {True: "approved", False: "rejected"}


def correction(campus: Campus, **changes) -> Request:
    fields = {"student": campus.amira, "lecture": campus.lecture, "wanted_status": "present", "reason": "I was there"}
    return requests.file_correction(**fields | changes)


def approve(campus: Campus, request: Request, **said) -> Request:
    return requests.decide(request=request, actor=campus.ines, approve=True, **said)


def status(campus: Campus) -> str:
    row = Attendance.objects.filter(student=campus.amira, lecture=campus.lecture).first()
    return row.status if row else ""


def test_an_approved_correction_is_marked_with_its_reason(campus: Campus) -> None:
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=[Mark(campus.amira.pk, "absent", 0)])
    decided = approve(campus, correction(campus), answer="I remember")
    event = AttendanceEvent.objects.order_by("pk").last()
    assert (decided.state, decided.decided_by, decided.answer) == ("completed", campus.ines, "I remember")
    assert (status(campus), event.method, event.actor) == ("present", "request", campus.ines)
    assert "I was there" in event.body


def test_a_rejected_one_changes_nothing(campus: Campus) -> None:
    requests.decide(request=correction(campus), actor=campus.ines, approve=False, answer="I saw your seat empty")
    assert Request.objects.get().state == "rejected"
    assert list(AttendanceEvent.objects.values_list("kind", flat=True)) == ["request_decided"]


@pytest.mark.parametrize("yes", [True, False])
def test_a_decision_is_an_event_with_its_reasons(campus: Campus, yes: bool) -> None:
    request = correction(campus)
    requests.decide(request=request, actor=campus.ines, approve=yes, answer="I looked it up")
    event = AttendanceEvent.objects.get(kind="request_decided")
    told = json.loads(event.body)
    assert (event.organisation, event.actor, event.student) == (campus.organisation, campus.ines, campus.amira)
    assert (told["request"], told["about"], told["decision"]) == (request.pk, "correction", DECISIONS[yes])
    assert (told["why"], told["answer"]) == ("I was there", "I looked it up")


def test_a_decision_that_cannot_be_carried_out_is_no_event(campus: Campus) -> None:
    request = correction(campus)
    requests.cancel(request=request)
    with pytest.raises(Refusal):
        approve(campus, request)
    assert not AttendanceEvent.objects.exists()


def test_a_refused_scan_is_claimed_once(campus: Campus) -> None:
    scan = CheckInAttempt.objects.create(
        organisation=campus.organisation,
        student=campus.amira,
        lecture=campus.lecture,
        outcome="code_expired",
        scanned_at=clock.now(),
    )
    claim = correction(campus, attempt=scan)
    assert (claim.kind, claim.attempt) == ("claim", scan)
    with pytest.raises(Refusal, match="asked for this already"):
        correction(campus, attempt=scan)


@pytest.mark.parametrize("wanted", ["", "asleep", "x" * 1000])
def test_a_mark_that_does_not_exist_is_refused(campus: Campus, wanted: str) -> None:
    with pytest.raises(Refusal, match="is not a mark"):
        correction(campus, wanted_status=wanted)
    assert not Request.objects.exists()


def test_what_is_marked_so_already_needs_no_correction(campus: Campus) -> None:
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=[Mark(campus.amira.pk, "present", 0)])
    with pytest.raises(Refusal, match="marked so already"):
        correction(campus)


def test_leave_excuses_blanks_and_absences_and_leaves_who_came(campus: Campus) -> None:
    first, second, third = campus.past_lectures(3)
    for lecture, mark in ((first, "absent"), (second, "present")):
        mark_register(lecture=lecture, actor=campus.ines, marks=[Mark(campus.amira.pk, mark, 0)])
    today = clock.today(campus.organisation.zone)
    leave = requests.file_leave(
        student=campus.amira, from_day=today - timedelta(days=5), until_day=today - timedelta(days=1), reason="Ill"
    )
    assert approve(campus, leave).state == "completed"
    marks = dict(Attendance.objects.filter(student=campus.amira).values_list("lecture", "status"))
    assert marks == {first.pk: "excused", second.pk: "present", third.pk: "excused"}


@pytest.mark.parametrize(("days", "words"), [(-1, "Choose a later last day."), (120, "at most 120 days")])
def test_leave_has_bounds(campus: Campus, days: int, words: str) -> None:
    today = clock.today(campus.organisation.zone)
    with pytest.raises(Refusal, match=words):
        requests.file_leave(student=campus.amira, from_day=today, until_day=today + timedelta(days=days), reason="Away")
    assert not Request.objects.exists()


def test_leaving_a_course_ends_the_enrolment_and_keeps_the_marks(campus: Campus) -> None:
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=[Mark(campus.amira.pk, "present", 0)])
    drop = requests.file_other(student=campus.amira, kind="class_drop", reason="Too much", offering=campus.offering)
    approve(campus, drop)
    yesterday = clock.today(campus.organisation.zone) - timedelta(days=1)
    assert Enrolment.objects.get(student=campus.amira).until_day == yesterday
    assert status(campus) == "present"
    with pytest.raises(Refusal, match="Choose the course"):
        requests.file_other(student=campus.amira, kind="class_drop", reason="Which?")


def test_a_card_is_approved_first_and_done_later(campus: Campus) -> None:
    card = requests.file_other(student=campus.amira, kind="card", reason="Lost", offering=campus.offering)
    assert card.offering is None, "the administration decides it, not a course"
    assert approve(campus, card).state == "approved"
    assert requests.complete(request=card).state == "completed"
    with pytest.raises(Refusal, match="Completed"):
        requests.complete(request=card)


def test_what_was_taken_back_is_not_decided(campus: Campus) -> None:
    request = correction(campus)
    requests.cancel(request=request)
    with pytest.raises(Refusal, match="Cancelled"):
        approve(campus, request)
    with pytest.raises(Refusal, match="Cancelled"):
        requests.cancel(request=request)
    assert not AttendanceEvent.objects.exists()


def test_an_approval_that_cannot_be_carried_out_stays_undecided(campus: Campus) -> None:
    request = correction(campus)
    type(campus.lecture).objects.update(cancelled_at=clock.now())
    with pytest.raises(Refusal, match="cancelled"):
        approve(campus, request)
    assert Request.objects.get().state == "pending"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_does(campus: Campus) -> None:
    open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    request = correction(campus)

    def decide(yes: bool) -> str:
        try:
            return requests.decide(request=request, actor=campus.ines, approve=yes).state
        except Refusal:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(decide, [True, True]))
    assert answers == ["completed", "refused"]
    assert AttendanceEvent.objects.filter(kind="marked").count() == 1
