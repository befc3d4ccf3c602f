"""The plan of a made-up university: as large as asked for, the same each time, and nobody in two places at once."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, time

import pytest

from attendance.timetable.made_up_university import (
    FULL_SIZE,
    MAIN,
    STUDENT,
    TEACHER,
    Size,
    course_codes,
    university_plan,
)
from attendance.timetable.plan import Plan, PlannedCourse

MONDAY = date(2026, 9, 14)
SMALL = Size(departments=5, rooms=60, courses=24, teachers=8, students=90, large_class=30)


@pytest.fixture(scope="module", params=[FULL_SIZE, SMALL], ids=["full", "small"])
def size(request: pytest.FixtureRequest) -> Size:
    made: Size = request.param
    return made


@pytest.fixture(scope="module")
def plan(size: Size) -> Plan:
    return university_plan(size, first_day=MONDAY, name="Autumn 2026")


def hours(courses: Iterable[PlannedCourse]) -> list[tuple[int, time]]:
    return [(meeting.weekday, meeting.starts_at) for course in courses for meeting in course.meetings]


def test_it_is_as_large_as_asked_for(plan: Plan, size: Size) -> None:
    assert len(set(plan.departments)) == size.departments
    assert len({room.name for room in plan.rooms}) == size.rooms
    assert len({course.code for course in plan.courses}) == size.courses
    assert len({course.title for course in plan.courses}) == size.courses
    assert len({person.number for person in plan.teachers}) == size.teachers
    assert len({person.number for person in plan.students}) == size.students
    assert len({person.username for person in (*plan.teachers, *plan.students)}) == size.teachers + size.students


def test_the_full_one_has_the_numbers_that_are_promised() -> None:
    assert vars(FULL_SIZE) == {
        "departments": 127,
        "rooms": 1_167,
        "courses": 2_494,
        "teachers": 645,
        "students": 12_500,
        "large_class": 400,
    }


def test_it_is_the_same_each_time_but_for_its_dates(plan: Plan, size: Size) -> None:
    again = university_plan(size, first_day=date(2027, 9, 13), name="Autumn 2027")
    assert {name: getattr(again, name) for name in Plan.__slots__ if name != "term"} == {
        name: getattr(plan, name) for name in Plan.__slots__ if name != "term"
    }


def test_no_room_has_two_meetings_at_one_hour(plan: Plan) -> None:
    taken = Counter(
        (meeting.room, meeting.weekday, meeting.starts_at) for course in plan.courses for meeting in course.meetings
    )
    assert all(room is not None for room, _day, _hour in taken)
    assert set(taken.values()) == {1}


def test_no_teacher_is_in_two_places_at_once(plan: Plan) -> None:
    for teacher in plan.teachers:
        own = hours(course for course in plan.courses if course.owner == teacher.number)
        assert len(own) == len(set(own))


def test_no_student_is_in_two_places_at_once(plan: Plan) -> None:
    hours_of = {course.code: hours([course]) for course in plan.courses}
    taken: dict[str, list[tuple[int, time]]] = {}
    for enrolment in plan.enrolments:
        taken.setdefault(enrolment.student, []).extend(hours_of[enrolment.course])
    assert all(len(own) == len(set(own)) for own in taken.values())


def test_students_take_several_courses_most_of_them_in_their_department() -> None:
    plan = university_plan(FULL_SIZE, first_day=MONDAY, name="Autumn 2026")
    numbers = Counter(enrolment.student for enrolment in plan.enrolments)
    assert len(numbers) == FULL_SIZE.students
    assert Counter(numbers.values()).keys() <= {4, 5, 6}
    department_of = {course.code: course.department for course in plan.courses}
    own = {student.number: student.department for student in plan.students}
    share = sum(own[each.student] == department_of[each.course] for each in plan.enrolments) / len(plan.enrolments)
    assert 0.5 < share < 0.7


def test_every_course_meets_and_is_taught_by_somebody_of_its_department(plan: Plan) -> None:
    department_of = {teacher.number: teacher.department for teacher in plan.teachers}
    assert all(course.meetings for course in plan.courses)
    assert all(department_of[course.owner] == course.department for course in plan.courses)


def test_the_logins_share_the_large_class_whose_room_is_nobody_elses(plan: Plan, size: Size) -> None:
    main = plan.courses[MAIN]
    students = [enrolment.student for enrolment in plan.enrolments if enrolment.course == main.code]
    assert main.code == course_codes(size)[MAIN]
    assert main.owner == TEACHER
    assert STUDENT in students
    assert len(students) == size.large_class
    (room,) = {meeting.room for meeting in main.meetings}
    others = {meeting.room for course in plan.courses if course is not main for meeting in course.meetings}
    assert room not in others


def test_rooms_hold_those_who_come(plan: Plan, size: Size) -> None:
    seats = {room.name: room.capacity for room in plan.rooms}
    number = Counter(enrolment.course for enrolment in plan.enrolments)
    assert all(
        number[course.code] <= seats[meeting.room]
        for course in plan.courses
        for meeting in course.meetings
        if meeting.room
    )
