from datetime import date, time

from attendance.timetable.faculty import FacultyNames, plan_faculty
from attendance.timetable.itc2019 import read_problem
from attendance.timetable.people import CENTRAL_EUROPE, THE_WORLD, distinct_names, made_up_name
from attendance.timetable.plan import Plan, PlannedMeeting, PlannedTerm
from attendance.timetable.seating import seat_students
from tests.timetable.real_input import real_problem
from tests.timetable.small_problem import small_problem

TERM = PlannedTerm(name="Autumn", first_day=date(2026, 9, 14), weeks=4)


def planned(content: bytes) -> Plan:
    problem = read_problem(content)
    names = FacultyNames(slug="tiny", name="Tiny School", time_zone="Europe/Prague", term=TERM)
    return plan_faculty(problem=problem, seating=seat_students(problem), names=names)


def test_a_class_becomes_a_section_with_a_meeting_for_each_of_its_weekdays() -> None:
    course = planned(small_problem()).courses[0]
    assert [section.name for section in course.sections] == ["Lecture 1", "Lecture 2", "Seminar 1", "Seminar 2"]
    assert course.sections[0].meetings == tuple(
        PlannedMeeting(weekday=weekday, starts_at=time(9), minutes=90, weeks="1101", room="Room 1")
        for weekday in (0, 2)
    )
    assert course.sections[1].meetings[0].room is None


def test_a_student_sits_in_the_sections_of_the_classes_chosen() -> None:
    seats = {(each.student, each.course): each.sections for each in planned(small_problem()).enrolments}
    assert seats["0000001", "C001"] == ("Lecture 1", "Seminar 1")
    assert seats["0000002", "C001"] == ("Lecture 2", "Seminar 2")
    assert len(seats) == 5


def test_a_faculty_has_a_teacher_for_about_three_courses_and_titles_of_their_own() -> None:
    plan = planned(real_problem("muni-fsps-spr17").read_bytes())
    assert len({course.title for course in plan.courses}) == 226
    assert len(plan.teachers) in range(60, 90)
    assert {course.owner for course in plan.courses} == {teacher.number for teacher in plan.teachers}
    departments = {teacher.number: teacher.department for teacher in plan.teachers}
    assert all(departments[course.owner] == course.department for course in plan.courses)


def test_titles_never_repeat() -> None:
    content = small_problem()
    courses = content[content.index(b'<course id="2">') : content.index(b"</courses>")]
    many = b"".join(
        courses.replace(b'<course id="2">', b'<course id="%d">' % number).replace(
            b'<class id="5"', b'<class id="%d"' % number
        )
        for number in range(10, 1200)
    )
    titles = [course.title for course in planned(content.replace(courses, courses + many)).courses]
    assert len(set(titles)) == len(titles) == 1192


def test_the_same_file_gives_the_same_plan() -> None:
    assert planned(small_problem()) == planned(small_problem())


def test_people_keep_their_names_when_the_file_grows() -> None:
    grown = small_problem(("</students>", '<student id="4"><course id="1"/></student></students>'))
    assert planned(grown).students[:3] == planned(small_problem()).students


def test_a_name_follows_from_its_labels() -> None:
    assert made_up_name(CENTRAL_EUROPE, "s", 1) == made_up_name(CENTRAL_EUROPE, "s", 1)
    assert len({made_up_name(CENTRAL_EUROPE, "s", number) for number in range(100)}) > 80


def test_distinct_names_never_repeat() -> None:
    names = distinct_names(THE_WORLD, 300, "demo")
    assert len(set(names)) == len(names) == 300
    assert names[:100] == distinct_names(THE_WORLD, 100, "demo")
