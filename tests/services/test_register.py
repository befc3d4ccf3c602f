"""Marking: each change is an event, and nothing that somebody else wrote meanwhile is lost."""

import hashlib
import json
from datetime import timedelta

import pytest

from attendance import clock
from attendance.ledger.commitment import LABEL
from attendance.models import Attendance, AttendanceEvent, Enrolment, Section, Status
from attendance.services.refusals import Refusal
from attendance.services.register import Mark, Outcome, mark_register
from tests.cast import Campus


def mark(campus: Campus, *marks: Mark, reason: str = "") -> Outcome:
    return mark_register(lecture=campus.lecture, actor=campus.ines, marks=marks, reason=reason)


def status_of(campus: Campus, student) -> tuple[str, int]:
    row = Attendance.objects.get(lecture=campus.lecture, student=student)
    return row.status, row.version


def test_a_first_mark_is_one_event_and_one_row(campus: Campus) -> None:
    outcome = mark(campus, Mark(campus.amira.pk, Status.PRESENT, 0))
    event = AttendanceEvent.objects.get()
    assert (outcome.changed, outcome.conflicts) == ([campus.amira.pk], [])
    assert (event.from_status, event.to_status, event.actor) == ("", Status.PRESENT, campus.ines)
    assert Attendance.objects.get().event == event
    assert status_of(campus, campus.amira) == (Status.PRESENT, 1)


def test_an_event_is_bound_to_its_own_text(campus: Campus) -> None:
    mark(campus, Mark(campus.amira.pk, Status.LATE, 0), reason="The tram stood still – für alle")
    event = AttendanceEvent.objects.get()
    body = json.loads(event.body)
    assert body["why"] == "The tram stood still – für alle"
    assert (body["student"], body["to"], body["how"]) == (campus.amira.pk, "late", "teacher")
    assert list(body) == sorted(body), "RFC 8785 sorts the names"
    assert len(event.salt) == 32
    assert bytes(event.commitment) == hashlib.sha256(LABEL + bytes(event.salt) + event.body.encode()).digest()


def test_a_mark_that_changes_nothing_writes_nothing(campus: Campus) -> None:
    mark(campus, Mark(campus.amira.pk, Status.PRESENT, 0))
    assert mark(campus, Mark(campus.amira.pk, Status.PRESENT, 1)) == Outcome()
    assert AttendanceEvent.objects.count() == 1


def test_a_row_that_changed_meanwhile_is_kept_and_named(campus: Campus) -> None:
    mark(campus, Mark(campus.amira.pk, Status.PRESENT, 0))
    outcome = mark(campus, Mark(campus.amira.pk, Status.ABSENT, 0), Mark(campus.bilal.pk, Status.LATE, 0))
    assert (outcome.changed, outcome.conflicts) == ([campus.bilal.pk], [campus.amira.pk])
    assert status_of(campus, campus.amira) == (Status.PRESENT, 1)


def test_the_same_mark_from_two_writers_is_no_conflict(campus: Campus) -> None:
    mark(campus, Mark(campus.amira.pk, Status.PRESENT, 0))
    assert mark(campus, Mark(campus.amira.pk, Status.PRESENT, 0)) == Outcome()


def test_a_mark_can_be_taken_back(campus: Campus) -> None:
    mark(campus, Mark(campus.amira.pk, Status.ABSENT, 0))
    mark(campus, Mark(campus.amira.pk, "", 1))
    assert status_of(campus, campus.amira) == ("", 2)
    assert list(AttendanceEvent.objects.values_list("from_status", "to_status")) == [("", "absent"), ("absent", "")]


def test_the_current_status_follows_from_the_events(campus: Campus) -> None:
    for version, status in enumerate([Status.ABSENT, Status.LATE, "", Status.EXCUSED]):
        mark(campus, Mark(campus.amira.pk, status, version))
    replayed = ""
    for event in AttendanceEvent.objects.filter(student=campus.amira).order_by("pk"):
        assert event.from_status == replayed
        replayed = event.to_status
    assert status_of(campus, campus.amira) == (replayed, 4)


def refused(campus: Campus, *marks: Mark, reason: str = "") -> str:
    with pytest.raises(Refusal) as refusal:
        mark(campus, *marks, reason=reason)
    assert not AttendanceEvent.objects.exists()
    assert not Attendance.objects.exists()
    return str(refusal.value)


def test_unknown_marks_and_strangers_are_refused_whole(campus: Campus) -> None:
    good = Mark(campus.amira.pk, Status.PRESENT, 0)
    assert "is not a mark" in refused(campus, good, Mark(campus.bilal.pk, "here", 0))
    assert "not on the roster" in refused(campus, good, Mark(campus.outsider.pk, Status.PRESENT, 0))
    assert "twice" in refused(campus, good, good)
    assert "501 characters" in refused(campus, good, reason="x" * 501)


def test_a_cancelled_lecture_has_no_register(campus: Campus) -> None:
    campus.lecture.cancelled_at = clock.now()
    assert "cancelled" in refused(campus, Mark(campus.amira.pk, Status.PRESENT, 0))


def test_whoever_left_the_course_before_is_not_on_the_roster(campus: Campus) -> None:
    yesterday = clock.today(campus.organisation.zone) - timedelta(days=1)
    Enrolment.objects.filter(student=campus.amira).update(until_day=yesterday)
    assert "roster" in refused(campus, Mark(campus.amira.pk, Status.PRESENT, 0))


def test_a_section_expects_its_own_students(campus: Campus) -> None:
    campus.lecture.section = Section.objects.create(offering=campus.offering, name="Seminar 1")
    campus.lecture.save()
    Enrolment.objects.get(student=campus.bilal).sections.add(campus.lecture.section)
    assert "roster" in refused(campus, Mark(campus.amira.pk, Status.PRESENT, 0))
    assert mark(campus, Mark(campus.bilal.pk, Status.PRESENT, 0)).changed == [campus.bilal.pk]
