"""What pages cost without the cache in the university that `demo --scale university` makes, with its term of marks.

Server time, queries and size, once each is warm.
"""

import gzip
import time
from statistics import median

from django.db import connection
from django.test import Client, override_settings
from django.urls import reverse

from attendance.models import Lecture, Offering, Organisation, User
from attendance.services.demo_university import make_university
from attendance.timetable.made_up_university import FULL_SIZE, MAIN, SLUG, course_codes
from benchmarks.table import Row
from benchmarks.university import University

_TIMES = 5
WANTED = "300 ms, 60 kB"
PLAIN = ("dashboard", "course_list", "lecture_list", "request_list", "student_list", "teacher_list")
OF_ADMINS = ("people_list", "department_list", "room_list", "term_list", "event_list")


def rows() -> list[Row]:
    """Measure every list and the heaviest pages of each role."""
    campus = _university()
    with override_settings(CACHE_ENABLED=False):
        return [_row(campus, who, name, address) for who, name, address in _addresses(campus)]


def _university() -> University:
    make_university(report=lambda _what, _done, _total: None)
    own = Organisation.objects.get(slug=SLUG)
    large = Offering.objects.get(organisation=own, course__code=course_codes(FULL_SIZE)[MAIN])
    taken = Lecture.objects.filter(offering=large, sessions__closed_at__isnull=False)
    people = {
        login.username: login for login in User.objects.filter(username__in=("u-admin", "u-teacher", "u-student"))
    }
    return University(
        own, people["u-admin"], people["u-teacher"], people["u-student"], large, taken.latest("starts_at")
    )


def _addresses(campus: University) -> list[tuple[str, str, str]]:
    pages = [(who, name, reverse(name)) for who in ("admin", "teacher") for name in PLAIN]
    pages += [("admin", name, reverse(name)) for name in OF_ADMINS]
    pages += [("student", name, reverse(name)) for name in ("dashboard", "course_list", "record_show", "lecture_list")]
    pages.append(("admin", "student_list, three letters", reverse("student_list") + "?q=ami"))
    pages.append(("admin", "lecture_list, not taken", reverse("lecture_list") + "?status=not_taken"))
    for name, of in (
        ("course_show", campus.large.pk),
        ("lecture_show", campus.lecture.pk),
        ("lecture_live", campus.lecture.pk),
    ):
        pages.append(("teacher", f"{name}, class of 400", reverse(name, args=[of])))
    pages.append(("teacher", "register_edit, class of 400", reverse("register_edit", args=[campus.lecture.pk])))
    pages.append(("admin", "student_show", reverse("student_show", args=[campus.student.pk])))
    pages.append(("admin", "event_list, last page", reverse("event_list") + "?page=1000000"))
    pages.append(("admin", "lecture_list, past, searched", reverse("lecture_list") + "?status=past&q=zoo"))
    return pages


def _row(campus: University, who: str, name: str, address: str) -> Row:
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(getattr(campus, who))
    _body(client, address)
    queries: list[str] = []
    with connection.execute_wrapper(lambda execute, sql, *rest: (queries.append(sql), execute(sql, *rest))[1]):
        body = _body(client, address)
    seconds = [_seconds(client, address) for _time in range(_TIMES)]
    return Row(
        f"{name}, {who}, {connection.vendor}",
        f"{median(seconds) * 1000:.0f} ms",
        f"{min(seconds) * 1000:.0f} to {max(seconds) * 1000:.0f} ms, {_TIMES} times",
        WANTED,
        f"{len(queries)} queries, {len(body) / 1000:.0f} kB, {len(gzip.compress(body, 6)) / 1000:.0f} kB compressed",
    )


def _body(client: Client, address: str) -> bytes:
    response = client.get(address)
    if response.status_code != 200:
        raise RuntimeError(f"{address} answered {response.status_code}.")
    return response.content


def _seconds(client: Client, address: str) -> float:
    started = time.perf_counter()
    client.get(address)
    return time.perf_counter() - started
