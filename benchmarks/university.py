"""A university of full size, made in bulk for measurements."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Model

from attendance import clock
from attendance.models import (
    Attendance,
    AttendanceSession,
    Course,
    CourseStaff,
    Department,
    Enrolment,
    Lecture,
    Offering,
    Organisation,
    Room,
    Term,
    User,
)

DEPARTMENTS, ROOMS, COURSES, TEACHERS, STUDENTS = 127, 1_167, 2_494, 645, 12_500
COURSES_PER_STUDENT, LECTURES_PER_COURSE, LARGE_CLASS = 5, 12, 400
_FAMILY = ("Haddad", "Adeyemi", "Ferreira", "Osei", "Lindqvist", "Kaya", "Moss", "Keller", "Novak", "Chaudhry")
_GIVEN = ("Amira", "Bilal", "Ines", "Kwame", "Tomas", "Zeynep", "Greta", "Bruno", "Noor", "Yusuf", "Hana", "Omar")


@dataclass(frozen=True)
class University:
    """The rows that measurements start from; `large` is the course of 400, `lecture` one of its lectures."""

    organisation: Organisation
    admin: User
    teacher: User
    student: User
    large: Offering
    lecture: Lecture


def stored(model: type[Model], rows: Iterable[Model]) -> list[Any]:
    """Store rows of a table in bulk and return them."""
    return list(model._default_manager.bulk_create(list(rows), batch_size=2000))


def university() -> University:
    """Store and return the university: people, a term of lectures, half of it taken."""
    chance = random.Random(7)  # noqa: S311 -- no secret
    own = Organisation.objects.create(slug="full-size", name="University of Full Size", time_zone="Europe/London")
    departments = stored(Department, (Department(organisation=own, name=f"Department {n}") for n in range(DEPARTMENTS)))
    rooms = stored(Room, (Room(organisation=own, name=f"Room {n}", capacity=60) for n in range(ROOMS)))
    today = clock.today(own.zone)
    days = {"first_day": today - timedelta(days=45), "last_day": today + timedelta(days=45)}
    term = Term.objects.create(organisation=own, name="Autumn", **days)
    teachers = people(own, User.Role.TEACHER, TEACHERS, departments, chance)
    students = people(own, User.Role.STUDENT, STUDENTS, departments, chance)
    (admin,) = people(own, User.Role.ADMIN, 1, departments, chance)
    offerings = _offerings(own, term, departments, teachers, chance)
    _enrol(offerings, students, chance)
    lectures = _lectures(own, offerings, rooms)
    _take(lectures, students, teachers[0])
    large = [each for each in lectures if each.offering_id == offerings[0].pk]
    return University(own, admin, teachers[0], students[0], offerings[0], large[0])


def people(own: Organisation, role: User.Role, number: int, departments: list[Any], chance: random.Random) -> list[Any]:
    """Store and return that many people of a role, each of some department."""
    return stored(
        User,
        (
            User(
                organisation=own,
                role=role,
                username=f"{role}{n:05}",
                number=f"{role[:1].upper()}{n:05}",
                given_name=chance.choice(_GIVEN),
                family_name=f"{chance.choice(_FAMILY)} {n}",
                email=f"{role}{n}@full-size.example",
                department=chance.choice(departments),
            )
            for n in range(number)
        ),
    )


def _offerings(
    own: Organisation, term: Term, departments: list[Any], teachers: list[Any], chance: random.Random
) -> list[Any]:
    courses = stored(
        Course,
        (
            Course(organisation=own, department=chance.choice(departments), code=f"C {n:04}", title=f"Course {n}")
            for n in range(COURSES)
        ),
    )
    offerings = stored(Offering, (Offering(organisation=own, course=course, term=term) for course in courses))
    owners = (teachers[n % len(teachers)] for n in range(len(offerings)))
    pairs = zip(offerings, owners, strict=True)
    stored(CourseStaff, (CourseStaff(offering=offering, user=owner, duty="owner") for offering, owner in pairs))
    return offerings


def _enrol(offerings: list[Any], students: list[Any], chance: random.Random) -> None:
    places = {(0, n) for n in range(LARGE_CLASS)}
    for n in range(len(students)):
        places |= {(chance.randrange(len(offerings)), n) for _course in range(COURSES_PER_STUDENT)}
    stored(
        Enrolment,
        (
            Enrolment(offering=offerings[course], student=students[n], roll_number=f"{n:05}")
            for course, n in sorted(places)
        ),
    )


def _lectures(own: Organisation, offerings: list[Any], rooms: list[Any]) -> list[Any]:
    first = datetime.combine(clock.today(own.zone), time(8), tzinfo=own.zone) - timedelta(
        weeks=LECTURES_PER_COURSE // 2
    )
    return stored(
        Lecture,
        (
            Lecture(
                organisation=own,
                offering=offering,
                room=rooms[place % len(rooms)],
                starts_at=first + timedelta(weeks=week, hours=place % 9),
                ends_at=first + timedelta(weeks=week, hours=place % 9 + 1),
            )
            for place, offering in enumerate(offerings)
            for week in range(LECTURES_PER_COURSE)
        ),
    )


def _take(lectures: list[Any], students: list[Any], teacher: User) -> None:
    """Close a session in every second past lecture, and mark the large course in all of its past ones."""
    past = [lecture for lecture in lectures if lecture.ends_at < clock.now()]
    stored(
        AttendanceSession,
        (
            AttendanceSession(
                lecture=lecture,
                opened_by=teacher,
                opened_at=lecture.starts_at,
                ends_at=lecture.ends_at,
                closed_by=teacher,
                closed_at=lecture.ends_at,
            )
            for lecture in past[::2]
        ),
    )
    large = [lecture for lecture in past if lecture.offering_id == lectures[0].offering_id]
    kinds = ("present", "present", "present", "late", "absent")
    stored(
        Attendance,
        (
            Attendance(lecture=lecture, student=student, status=kinds[n % len(kinds)], version=1)
            for lecture in large
            for n, student in enumerate(students[:LARGE_CLASS])
        ),
    )
