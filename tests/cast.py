"""The people and the course that most tests play with: one campus, one course, one lecture that is on now."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from attendance import clock
from attendance.models import (
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

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Campus:
    """Everybody and everything; `ines` owns the course, `kwame` assists, `amira` and `bilal` are enrolled in it."""

    organisation: Organisation
    department: Department
    room: Room
    term: Term
    course: Course
    offering: Offering
    lecture: Lecture
    admin: User
    ines: User
    kwame: User
    other_teacher: User
    amira: User
    bilal: User
    outsider: User
    auditor: User
    foreign_admin: User

    def lecture_at(self, starts_at: datetime, minutes: int = 90) -> Lecture:
        """Add a lecture of the course."""
        return Lecture.objects.create(
            organisation=self.organisation,
            offering=self.offering,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=minutes),
            room=self.room,
        )

    def past_lectures(self, number: int) -> list[Lecture]:
        """Add that many lectures, one per day, the last one yesterday."""
        return [self.lecture_at(clock.now() - timedelta(days=days)) for days in range(number, 0, -1)]

    def future_lectures(self, number: int) -> list[Lecture]:
        """Add that many lectures, one per day, the first one tomorrow."""
        return [self.lecture_at(clock.now() + timedelta(days=days)) for days in range(1, number + 1)]


def signed_in(user: User) -> Client:
    """Return a browser in which that person is signed in."""
    client = Client()
    client.force_login(user)
    return client


@cache
def hashed_password() -> str:
    """Return the password as it is stored; working that out is slow on purpose, and once is enough."""
    return make_password(PASSWORD)


def person(organisation: Organisation, username: str, role: str, name: str) -> User:
    """Store a person without a password: `signed_in` needs none."""
    given, _space, family = name.partition(" ")
    return User.objects.create_user(
        username,
        organisation=organisation,
        role=role,
        given_name=given,
        family_name=family,
        number=username.upper(),
        email=f"{username}@{organisation.slug}.example",
    )


def enrol(offering: Offering, student: User, roll_number: str) -> Enrolment:
    """Put a student into a course."""
    return Enrolment.objects.create(offering=offering, student=student, roll_number=roll_number)


@pytest.fixture
def campus(db: None) -> Campus:
    """A fresh campus."""
    return found_campus()


def found_campus() -> Campus:
    """Store a campus."""
    organisation = Organisation.objects.create(
        slug="aldermoor", name="University of Aldermoor", time_zone="Europe/London"
    )
    elsewhere = Organisation.objects.create(slug="brackley", name="Brackley College", time_zone="Asia/Karachi")
    department = Department.objects.create(organisation=organisation, name="Computer Science")
    today = clock.today(organisation.zone)
    term = Term.objects.create(
        organisation=organisation,
        name="Autumn",
        first_day=today - timedelta(days=60),
        last_day=today + timedelta(days=60),
    )
    room = Room.objects.create(organisation=organisation, name="Hall B-12", capacity=240)
    course = Course.objects.create(organisation=organisation, department=department, code="CS 204", title="Databases")
    offering = Offering.objects.create(organisation=organisation, course=course, term=term)
    lecture = Lecture.objects.create(
        organisation=organisation,
        offering=offering,
        room=room,
        starts_at=clock.now() - timedelta(minutes=5),
        ends_at=clock.now() + timedelta(minutes=85),
    )
    ines = person(organisation, "ines", "teacher", "Ines Ferreira")
    kwame = person(organisation, "kwame", "teacher", "Kwame Osei")
    amira = person(organisation, "amira", "student", "Amira Haddad")
    bilal = person(organisation, "bilal", "student", "Bilal Adeyemi")
    CourseStaff.objects.create(offering=offering, user=ines, duty="owner")
    CourseStaff.objects.create(offering=offering, user=kwame, duty="assistant")
    enrol(offering, amira, "0001")
    enrol(offering, bilal, "0002")
    return Campus(
        organisation=organisation,
        department=department,
        room=room,
        term=term,
        course=course,
        offering=offering,
        lecture=lecture,
        admin=person(organisation, "tomas", "admin", "Tomas Lindqvist"),
        ines=ines,
        kwame=kwame,
        other_teacher=person(organisation, "bruno", "teacher", "Bruno Keller"),
        amira=amira,
        bilal=bilal,
        outsider=person(organisation, "omar", "student", "Omar Adeyemi"),
        auditor=person(organisation, "greta", "auditor", "Greta Moss"),
        foreign_admin=person(elsewhere, "zeynep", "admin", "Zeynep Kaya"),
    )
