"""Courses with their lectures, as entries say them: everything a page shows, and nothing of other institutions."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from attendance import clock
from attendance.models import Attendance, AttendanceSession, Course, Lecture, Offering, Organisation, Room, Section
from attendance.queries.lectures import with_state
from attendance.queries.timetables import ListedLecture, TaughtCourse, courses_named, offering_staff, offering_timetable
from tests.cast import Campus


def reach(campus: Campus) -> list[str]:
    return [campus.organisation.pk.hex]


def taught(campus: Campus) -> TaughtCourse:
    [course] = courses_named([campus.offering.pk], reach(campus))
    return course


def opened(lecture: Lecture, campus: Campus, *, closed: bool) -> None:
    AttendanceSession.objects.create(
        lecture=lecture,
        opened_by=campus.ines,
        opened_at=lecture.starts_at,
        ends_at=lecture.ends_at,
        closed_at=lecture.ends_at if closed else None,
        closed_by=campus.ines if closed else None,
    )


def test_lectures_are_those_of_the_rows_with_their_state(campus: Campus) -> None:
    closed, marked, blank, cancelled, missed = campus.past_lectures(5)
    opened(closed, campus, closed=True)
    opened(campus.lecture, campus, closed=False)
    Attendance.objects.create(lecture=marked, student=campus.amira, status="present")
    Attendance.objects.create(lecture=blank, student=campus.amira, status="")
    Lecture.objects.filter(pk=cancelled.pk).update(cancelled_at=clock.now())
    section = Section.objects.create(offering=campus.offering, name="Monday")
    Lecture.objects.filter(pk=missed.pk).update(section=section, topic="Joins", room=None)
    expected = [ListedLecture.of(each) for each in with_state(Lecture.objects.all())]
    assert list(taught(campus).lectures) == expected
    states = {each.pk: (each.is_open, each.is_taken) for each in expected}
    assert states[campus.lecture.pk] == (True, False)
    assert states[closed.pk] == states[marked.pk] == (False, True)
    missed_ones = [each.pk for each in taught(campus).lectures if each.was_missed(clock.now())]
    assert missed_ones == [blank.pk, missed.pk]


def test_a_course_says_what_its_pages_show(campus: Campus) -> None:
    ends = clock.now() + timedelta(days=14)
    Offering.objects.filter(pk=campus.offering.pk).update(
        late_weight=50, drop_lowest=2, enrolment_code="ABCD2345", enrolment_code_expires_at=ends
    )
    course = taught(campus)
    assert (str(course), course.department, course.term) == ("CS 204 Databases", "Computer Science", "Autumn")
    assert (course.first_day, course.is_archived) == (campus.term.first_day, False)
    assert (course.enrolment_code, course.enrolment_code_expires_at) == ("ABCD2345", ends)
    assert (course.policy.weights["late"], course.policy.drop_lowest) == (1 / 2, 2)
    Course.objects.filter(pk=campus.course.pk).update(archived_at=clock.now())
    assert taught(campus).is_archived


def test_an_entry_does_not_change_with_the_clock(campus: Campus) -> None:
    before = offering_timetable(offering=campus.offering.pk, reach=reach(campus))
    with time_machine.travel(clock.now() + timedelta(days=400), tick=False):
        assert offering_timetable(offering=campus.offering.pk, reach=reach(campus)) == before


def test_a_course_of_another_institution_is_none(campus: Campus) -> None:
    elsewhere = [campus.foreign_admin.organisation_id.hex]
    assert offering_timetable(offering=campus.offering.pk, reach=elsewhere) is None
    assert offering_staff(offering=campus.offering.pk, reach=elsewhere) == []
    assert courses_named([campus.offering.pk, 987654], elsewhere) == []


def test_a_room_of_another_institution_is_not_named(campus: Campus) -> None:
    elsewhere = Organisation.objects.get(slug="brackley")
    room = Room.objects.create(organisation=elsewhere, name="Theirs")
    Lecture.objects.filter(pk=campus.lecture.pk).update(room=room)
    assert [lecture.room for lecture in taught(campus).lectures] == [""]
    [course] = courses_named([campus.offering.pk], sorted([*reach(campus), elsewhere.pk.hex]))
    assert [lecture.room for lecture in course.lectures] == ["Theirs"]


def test_owners_come_before_assistants(campus: Campus) -> None:
    staff = offering_staff(offering=campus.offering.pk, reach=reach(campus))
    assert [(each["name"], each["duty"]) for each in staff] == [("Ines Ferreira", "owner"), ("Kwame Osei", "assistant")]
    assert [each["user"] for each in staff] == [campus.ines.pk, campus.kwame.pk]


@pytest.mark.parametrize("number", [1, 12])
def test_past_the_cache_several_courses_take_two_queries(campus: Campus, number: int) -> None:
    offerings = [campus.offering.pk]
    for each in range(number):
        course = Course.objects.create(
            organisation=campus.organisation, department=campus.department, code=f"CS {each}", title="Another"
        )
        added = Offering.objects.create(organisation=campus.organisation, course=course, term=campus.term)
        Lecture.objects.create(
            organisation=campus.organisation, offering=added, starts_at=clock.now(), ends_at=clock.now() + timedelta(1)
        )
        offerings.append(added.pk)
    with CaptureQueriesContext(connection) as queries:
        courses = courses_named(offerings, reach(campus))
    assert len(queries) == 2
    alone = [offering_timetable.uncached(offering=each, reach=reach(campus)) for each in offerings]
    assert courses == [TaughtCourse.of(each) for each in alone if each]
    assert len(courses) == number + 1
