"""What tests of cached accessors need: committed rows, writes that no list shows, and a count of queries."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from attendance import clock
from attendance.caching import rounds
from attendance.caching.accessors import CachedAccessor
from attendance.models import (
    Attendance,
    AttendanceSession,
    Course,
    CourseStaff,
    Department,
    Lecture,
    LoginSession,
    Offering,
    Organisation,
    Room,
    Section,
    Term,
    User,
)
from tests.caching.conftest import calm
from tests.cast import Campus, enrol, person

__all__ = ["calm"]

Write = Callable[[Campus], object]


@pytest.fixture
def town(transactional_db: None, calm: None, campus: Campus) -> Campus:
    """The campus in committed rows: Amira and Ines are of its department, the lecture has a section and a topic.

    What rows can be moved to stands beside: Mathematics, Spring, CS 310, the garden room and Friday.
    """
    own = campus.organisation
    User.objects.filter(pk__in=[campus.amira.pk, campus.ines.pk]).update(department=campus.department)
    section = Section.objects.create(offering=campus.offering, name="Tuesday")
    Lecture.objects.filter(pk=campus.lecture.pk).update(section=section, topic="Joins")
    Section.objects.create(offering=campus.offering, name="Friday")
    Room.objects.create(organisation=own, name="Garden room")
    Department.objects.create(organisation=own, name="Mathematics")
    day = campus.term.last_day + timedelta(days=1)
    Term.objects.create(organisation=own, name="Spring", first_day=day, last_day=day)
    Course.objects.create(organisation=own, department=campus.department, code="CS 310", title="Compilers")
    return campus


@dataclass(frozen=True)
class Reading:
    """A cached accessor and the arguments with which it is called on a campus."""

    accessor: CachedAccessor[..., Any]
    arguments: Callable[[Campus], dict[str, Any]] = lambda campus: {"organisation": campus.organisation.pk.hex}

    def now(self, campus: Campus) -> Any:
        """Read through the cache."""
        return self.accessor(**self.arguments(campus))

    def truth(self, campus: Campus) -> Any:
        """Read the database."""
        return self.accessor.uncached(**self.arguments(campus))

    def queries(self, campus: Campus) -> int:
        """Return how many queries it takes just after a round: one that finds no fence would ask for one."""
        assert rounds.run_now()
        with CaptureQueriesContext(connection) as queries:
            self.now(campus)
        return len(queries)


def organisation_elsewhere(campus: Campus) -> Organisation:
    return campus.foreign_admin.organisation


def everything_elsewhere(campus: Campus) -> None:
    """Add a row of every kind to another organisation, and open a check-in there."""
    there = organisation_elsewhere(campus)
    department = Department.objects.create(organisation=there, name="Law")
    today = clock.today(there.zone)
    term = Term.objects.create(organisation=there, name="Autumn", first_day=today, last_day=today)
    course = Course.objects.create(organisation=there, department=department, code="LW 101", title="Contracts")
    offering = Offering.objects.create(organisation=there, course=course, term=term)
    teacher = person(there, "alba", "teacher", "Alba Ruiz")
    CourseStaff.objects.create(offering=offering, user=teacher, duty="owner")
    enrol(offering, person(there, "yusuf", "student", "Yusuf Demir"), "0001")
    lecture = Lecture.objects.create(
        organisation=there,
        offering=offering,
        room=Room.objects.create(organisation=there, name="Room 1"),
        section=Section.objects.create(offering=offering, name="Monday"),
        starts_at=clock.now(),
        ends_at=clock.now() + timedelta(hours=1),
    )
    open_check_in(lecture, teacher)


def open_check_in(lecture: Lecture, teacher: User) -> AttendanceSession:
    return AttendanceSession.objects.create(
        lecture=lecture, opened_by=teacher, ends_at=clock.now() + timedelta(minutes=15)
    )


def log_in(campus: Campus) -> None:
    """Store what a login stores: a session, and the moment."""
    User.objects.filter(pk=campus.amira.pk).update(last_login=clock.now())
    LoginSession.objects.create(
        session_key="k" * 32, session_data="", expire_date=clock.now() + timedelta(hours=12), user=campus.amira
    )


def mark(campus: Campus) -> None:
    """Store a mark, and change it."""
    mark = Attendance.objects.create(lecture=campus.lecture, student=campus.amira, status="present")
    Attendance.objects.filter(pk=mark.pk).update(status="late")


LEFT_ALONE: dict[str, Write] = {
    "everything of another organisation": everything_elsewhere,
    "a login": log_in,
    "a mark": mark,
    "nothing changed": lambda campus: User.objects.filter(pk=campus.ines.pk).update(family_name="Ferreira"),
}
"""Writes that none of the accessors shows."""
