"""The rows of the faculty whose day is replayed: a term half over, taken as teachers take it."""

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

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
from attendance.services.enrolment import issue_code
from benchmarks.teaching_day.passing import DAY
from benchmarks.university import people, stored

DEPARTMENTS, ROOMS, COURSES, TEACHERS, STUDENTS, ADMINISTRATORS = 8, 50, 96, 40, 800, 3
YEARS, COMPULSORY, ELECTIVES = 16, 3, 2
"""Years of programmes: the students of one share their compulsory courses, and choose electives each for themselves."""
HOURS = (time(9), time(11), time(13, 30), time(15, 30))
LENGTH = timedelta(minutes=90)
WEEKS_BEFORE, WEEKS_AFTER = 6, 6
CODES = 6
"""Courses that students can still enrol in by a code."""
_STATUSES = ("present",) * 17 + ("late", "absent", "excused")


@dataclass(frozen=True)
class Faculty:
    """Who is there, and what is taught."""

    admins: list[User]
    teachers: list[User]
    students: list[User]
    offerings: list[Offering]
    rooms: list[Room]
    lectures: list[Lecture]


def faculty() -> Faculty:
    """Store and return everything there is on the morning of the day."""
    chance = random.Random(21)  # noqa: S311 -- no secret
    own = Organisation.objects.create(slug="faculty", name="Faculty of the Day", time_zone="Europe/London")
    departments = stored(Department, (Department(organisation=own, name=f"Department {n}") for n in range(DEPARTMENTS)))
    rooms = stored(Room, (Room(organisation=own, name=f"Room {n}", capacity=80) for n in range(ROOMS)))
    days = {"first_day": DAY - timedelta(weeks=WEEKS_BEFORE + 1), "last_day": DAY + timedelta(weeks=WEEKS_AFTER + 1)}
    term = Term.objects.create(organisation=own, name="Autumn", **days)
    teachers = people(own, User.Role.TEACHER, TEACHERS, departments, chance)
    students = people(own, User.Role.STUDENT, STUDENTS, departments, chance)
    admins = people(own, User.Role.ADMIN, ADMINISTRATORS, departments, chance)
    offerings = _offerings(own, term, departments, teachers, chance)
    enrolled = _enrol(offerings, students, chance)
    lectures = _lectures(own, offerings, rooms)
    _take(lectures, enrolled, teachers, chance)
    for offering in offerings[-CODES:]:
        issue_code(offering=offering, actor=admins[0])
    return Faculty(admins, teachers, students, offerings, rooms, lectures)


def _offerings(
    own: Organisation, term: Term, departments: list[Any], teachers: list[Any], chance: random.Random
) -> list[Any]:
    courses = stored(
        Course,
        (
            Course(organisation=own, department=chance.choice(departments), code=f"F {n:03}", title=f"Subject {n}")
            for n in range(COURSES)
        ),
    )
    offerings = stored(Offering, (Offering(organisation=own, course=course, term=term) for course in courses))
    pairs = ((offering, teachers[n % len(teachers)]) for n, offering in enumerate(offerings))
    stored(CourseStaff, (CourseStaff(offering=offering, user=owner, duty="owner") for offering, owner in pairs))
    return offerings


def _enrol(offerings: list[Any], students: list[Any], chance: random.Random) -> dict[int, list[Any]]:
    """Enrol everybody, and return the students of each offering by its id."""
    elective = offerings[YEARS * COMPULSORY :]
    enrolled: dict[int, list[Any]] = {offering.pk: [] for offering in offerings}
    for n, student in enumerate(students):
        year = n * YEARS // len(students)
        own = offerings[year * COMPULSORY : (year + 1) * COMPULSORY]
        for offering in [*own, *chance.sample(elective, ELECTIVES)]:
            enrolled[offering.pk].append(student)
    stored(
        Enrolment,
        (
            Enrolment(offering_id=offering, student=student, roll_number=f"{place:04}")
            for offering, those in enrolled.items()
            for place, student in enumerate(those)
        ),
    )
    return enrolled


def _lectures(own: Organisation, offerings: list[Any], rooms: list[Any]) -> list[Any]:
    """Store two lectures a week of each course, at the same hours, so that two in five courses meet on each day."""
    monday = DAY - timedelta(days=DAY.weekday())
    return stored(
        Lecture,
        (
            Lecture(organisation=own, offering=offering, room=rooms[n % len(rooms)], **_hours(own, day, n))
            for n, offering in enumerate(offerings)
            for week in range(-WEEKS_BEFORE, WEEKS_AFTER + 1)
            for day in (monday + timedelta(weeks=week, days=(n + each) % 5) for each in (0, 2))
        ),
    )


def _hours(own: Organisation, day: date, course: int) -> dict[str, datetime]:
    start = datetime.combine(day, HOURS[course // 5 % len(HOURS)], tzinfo=own.zone)
    return {"starts_at": start, "ends_at": start + LENGTH}


def _take(lectures: list[Any], enrolled: dict[int, list[Any]], teachers: list[Any], chance: random.Random) -> None:
    """Let nineteen in twenty lectures before the day have been taken: a closed session and everybody's mark."""
    past = [each for each in lectures if each.starts_at.date() < DAY and chance.random() < 0.95]
    stored(
        AttendanceSession,
        (
            AttendanceSession(
                lecture=lecture,
                opened_by=teachers[0],
                opened_at=lecture.starts_at,
                ends_at=lecture.starts_at + timedelta(minutes=15),
                closed_by=teachers[0],
                closed_at=lecture.starts_at + timedelta(minutes=20),
            )
            for lecture in past
        ),
    )
    stored(
        Attendance,
        (
            Attendance(lecture=lecture, student=student, status=chance.choice(_STATUSES), version=1)
            for lecture in past
            for student in enrolled[lecture.offering_id]
        ),
    )
