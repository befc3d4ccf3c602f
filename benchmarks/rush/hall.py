"""Make a course of so many students with an open check-in in each of some lectures, and say as JSON how to get in."""

import json
import random
import sys
from datetime import timedelta
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402 -- needs the settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.auth.hashers import make_password  # noqa: E402
from django.utils.crypto import get_random_string  # noqa: E402

from attendance import clock  # noqa: E402
from attendance.models import (  # noqa: E402
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
from attendance.services.attendance_sessions import open_session  # noqa: E402
from attendance.sign_in.sessions import SessionStore  # noqa: E402
from benchmarks.university import people, stored  # noqa: E402

PASSWORD = "one password for a whole hall"  # noqa: S105 -- of nobody


def main(students: int, lectures: int) -> None:
    """Write everything to standard output."""
    own = Organisation.objects.create(slug="rush", name="University of Nine O’Clock", time_zone="Europe/London")
    department = Department.objects.create(organisation=own, name="Medicine")
    (teacher,) = people(own, User.Role.TEACHER, 1, [department], _chance())
    everybody = people(own, User.Role.STUDENT, students, [department], _chance())
    # Each has a hash of their own in life; the same one costs as much to check and less to make.
    User.objects.filter(organisation=own, role=User.Role.STUDENT).update(password=make_password(PASSWORD))
    offering = _offering(own, department, teacher, everybody)
    opened = [_opened(offering, teacher, number) for number in range(lectures)]
    people_now = User.objects.filter(organisation=own, role=User.Role.STUDENT).order_by("pk")
    hall = {
        "teacher": _cookies(teacher),
        "students": [{"name": student.username, "cookies": _cookies(student)} for student in people_now],
        "lectures": opened,
        "password": PASSWORD,
    }
    sys.stdout.write(json.dumps(hall))


def _chance() -> random.Random:
    return random.Random(9)  # noqa: S311 -- no secret


def _offering(own: Organisation, department: Department, teacher: User, students: list[User]) -> Offering:
    today = clock.today(own.zone)
    days = {"first_day": today - timedelta(days=45), "last_day": today + timedelta(days=45)}
    term = Term.objects.create(organisation=own, name="Autumn", **days)
    course = Course.objects.create(organisation=own, department=department, code="MED 101", title="Anatomy")
    offering = Offering.objects.create(organisation=own, course=course, term=term)
    CourseStaff.objects.create(offering=offering, user=teacher, duty="owner")
    stored(
        Enrolment,
        (
            Enrolment(offering=offering, student=student, roll_number=f"{place:05}")
            for place, student in enumerate(students)
        ),
    )
    return offering


def _opened(offering: Offering, teacher: User, number: int) -> dict[str, Any]:
    """Return what makes the codes of a lecture that has just begun."""
    own = offering.organisation
    room = Room.objects.create(organisation=own, name=f"Great Hall {number}", capacity=2000)
    hours = {"starts_at": clock.now(), "ends_at": clock.now() + timedelta(minutes=110)}
    lecture = Lecture.objects.create(organisation=own, offering=offering, room=room, **hours)
    session = open_session(lecture=lecture, actor=teacher, minutes=100)
    return {
        "lecture": lecture.pk,
        "session": session.pk,
        "key": bytes(session.key or b"").hex(),
        "step_seconds": session.step_seconds,
    }


def _cookies(user: User) -> dict[str, str]:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return {"sessionid": str(session.session_key), "csrftoken": get_random_string(32)}


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
