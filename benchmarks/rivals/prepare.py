"""Make a full-size university, sign people in, and say as JSON who reads which pages and who writes what."""

import json
import sys
from datetime import timedelta
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402 -- needs the settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils.crypto import get_random_string  # noqa: E402

from attendance import clock  # noqa: E402
from attendance.models import Attendance, CourseStaff, Enrolment, Lecture, User  # noqa: E402
from attendance.sign_in.sessions import SessionStore  # noqa: E402
from benchmarks.university import university  # noqa: E402

TEACHERS, STUDENTS, COURSES_EACH = 10, 30, 2


def main() -> None:
    """Write everything to standard output."""
    campus = university()
    duties = CourseStaff.objects.filter(duty="owner").select_related("user").order_by("user", "offering")
    owned = [duty for duty in duties if duty.user_id < campus.teacher.pk + 4 * TEACHERS]
    targets = {duty.offering_id: _target(duty) for duty in owned}
    teachers = User.objects.filter(pk__gte=campus.teacher.pk).order_by("pk")[:TEACHERS]
    readers = [
        _reader(each, targets, [duty.offering_id for duty in owned if duty.user_id == each.pk]) for each in teachers
    ]
    enrolled = Enrolment.objects.filter(offering__in=targets).exclude(offering=campus.large).order_by("pk")
    for student in User.objects.filter(pk__in=enrolled.values("student")).order_by("pk")[:STUDENTS]:
        offerings = Enrolment.objects.filter(student=student, offering__in=targets).values_list("offering", flat=True)
        readers.append(_reader(student, targets, list(offerings)))
    readers.append(_reader(campus.admin, targets, []))
    sys.stdout.write(json.dumps({"readers": readers, "targets": list(targets.values())}))


def _target(duty: CourseStaff) -> dict[str, Any]:
    """Return the lecture of a course that is written to, its form, and a student who is marked in it."""
    over = Lecture.objects.filter(offering=duty.offering_id, ends_at__lt=clock.now() - timedelta(days=1))
    lecture = over.select_related("organisation").latest("starts_at")
    zone = lecture.organisation.zone
    start, end = lecture.starts_at.astimezone(zone), lecture.ends_at.astimezone(zone)
    student = Enrolment.objects.filter(offering=duty.offering_id).order_by("pk").values_list("student", flat=True)[0]
    mark = Attendance.objects.filter(lecture=lecture, student=student).first()
    return {
        "lecture": lecture.pk,
        "page": reverse("lecture_show", args=[lecture.pk]),
        "course": reverse("course_show", args=[duty.offering_id]),
        "edit": reverse("lecture_edit", args=[lecture.pk]),
        "register": reverse("register_edit", args=[lecture.pk]),
        "form": {
            "day": f"{start:%Y-%m-%d}",
            "start": f"{start:%H:%M}",
            "end": f"{end:%H:%M}",
            "room": lecture.room_id or "",
            "section": "",
            "mode": lecture.mode,
        },
        "mark": {"student": student, "status": mark.status if mark else "", "version": mark.version if mark else 0},
        "cookies": _cookies(duty.user),
    }


def _reader(user: User, targets: dict[int, Any], offerings: list[int]) -> dict[str, Any]:
    pages = [reverse("dashboard"), reverse("course_list"), reverse("teacher_list")]
    if user.role != User.Role.STUDENT:
        pages.append(reverse("student_list"))
    for offering in offerings[:COURSES_EACH]:
        pages += [targets[offering]["course"], targets[offering]["page"]]
    return {"name": user.full_name, "cookies": _cookies(user), "pages": pages}


def _cookies(user: User) -> dict[str, str]:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return {"sessionid": str(session.session_key), "csrftoken": get_random_string(32)}


if __name__ == "__main__":
    main()
