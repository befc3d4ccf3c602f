"""Standings read from the database equal what a person would count by hand."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from attendance import clock
from attendance.models import Attendance, Enrolment, Lecture, Section, Status, User
from attendance.queries.belongings import belongings_of
from attendance.queries.records import OwnStanding, standings_of_student
from attendance.queries.standings import standings_of_offering
from attendance.queries.timetables import courses_of
from tests.cast import Campus, enrol, person

P, L, A, E = Status.PRESENT, Status.LATE, Status.ABSENT, Status.EXCUSED


def own_standings(student: User) -> list[OwnStanding]:
    """How somebody stands in the own courses."""
    own = belongings_of(student)
    return standings_of_student(own, courses_of(own), student.organisation.time_zone)


def write(lectures: list[Lecture], student, statuses: list[str]) -> None:
    for lecture, status in zip(lectures, statuses, strict=True):
        Attendance.objects.create(lecture=lecture, student=student, status=status, version=1)


def test_marks_blanks_and_lectures_to_come_are_counted(campus: Campus) -> None:
    write(campus.past_lectures(5), campus.amira, [P, L, A, E, ""])
    campus.future_lectures(3)
    [own] = own_standings(campus.amira)
    assert own.standing.counts == {P: 1, L: 1, A: 1, E: 1}
    assert own.standing.remaining == 4, "three to come and the one that is on now"


def test_a_blank_counts_only_in_a_lecture_that_was_taken(campus: Campus) -> None:
    taken, untaken = campus.past_lectures(2)
    write([taken], campus.bilal, [P])
    standing = own_standings(campus.amira)[0].standing
    assert standing.blanks == 1
    assert untaken.pk


def test_a_cancelled_lecture_counts_for_nothing(campus: Campus) -> None:
    past, future = campus.past_lectures(1)[0], campus.future_lectures(1)[0]
    write([past], campus.amira, [A])
    Lecture.objects.filter(pk__in=[past.pk, future.pk]).update(cancelled_at=clock.now())
    standing = own_standings(campus.amira)[0].standing
    assert (standing.counted, standing.remaining) == (0, 1)


def test_only_lectures_within_the_days_of_the_enrolment_count(campus: Campus) -> None:
    lectures = campus.past_lectures(4)
    campus.future_lectures(2)
    write(lectures, campus.amira, [A, A, P, P])
    today = clock.today(campus.organisation.zone)
    Enrolment.objects.filter(student=campus.amira).update(from_day=today - timedelta(days=2), until_day=today)
    standing = own_standings(campus.amira)[0].standing
    assert (standing.counts, standing.remaining) == ({P: 2}, 1)


def test_the_days_are_those_of_the_campus_and_not_of_utc(campus: Campus) -> None:
    type(campus.organisation).objects.filter(pk=campus.organisation.pk).update(time_zone="Pacific/Auckland")
    campus.amira.organisation.refresh_from_db()
    lecture = campus.past_lectures(1)[0]
    start = lecture.starts_at.replace(hour=22, minute=0)  # Already the next day in Auckland.
    Lecture.objects.filter(pk=lecture.pk).update(starts_at=start, ends_at=start + timedelta(hours=1))
    write([lecture], campus.amira, [P])
    local_day = start.astimezone(campus.amira.organisation.zone).date()
    Enrolment.objects.filter(student=campus.amira).update(from_day=local_day, until_day=local_day)
    assert own_standings(campus.amira)[0].standing.counts == {P: 1}


def test_a_student_is_expected_in_the_own_section_only(campus: Campus) -> None:
    monday, friday = (Section.objects.create(offering=campus.offering, name=name) for name in ("Monday", "Friday"))
    Enrolment.objects.get(student=campus.amira).sections.add(monday)
    for lecture, section in zip(campus.future_lectures(4), [monday, friday, friday, monday], strict=True):
        Lecture.objects.filter(pk=lecture.pk).update(section=section)
    amira, bilal = standings_of_offering(campus.offering)
    assert (amira.standing.remaining, bilal.standing.remaining) == (3, 1), "with the one for everybody that is on now"


def test_classmates_are_counted_apart(campus: Campus) -> None:
    lectures = campus.past_lectures(2)
    write(lectures, campus.amira, [P, P])
    write(lectures, campus.bilal, [A, P])
    amira, bilal = standings_of_offering(campus.offering)
    assert (amira.standing.share, bilal.standing.share) == (1, 0.5)
    assert [amira.enrolment.student, bilal.enrolment.student] == [campus.amira, campus.bilal]


@pytest.mark.parametrize("classmates", [1, 30])
def test_two_queries_however_many_students(campus: Campus, classmates: int) -> None:
    lectures = campus.past_lectures(3)
    for number in range(classmates):
        student = person(campus.organisation, f"s{number}", "student", f"Student {number}")
        enrol(campus.offering, student, f"1{number:03}")
        write(lectures, student, [P, A, P])
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert len(standings_of_offering(campus.offering)) == classmates + 2
    assert len(queries) == 2
