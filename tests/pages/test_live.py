"""What is live is asked of the database each time: check-in, registers, histories, and everything of getting in."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from attendance import urls
from attendance.models import Attendance
from tests.pages.every import VIEWS, Stage

LIVE = (
    "lecture_live",
    "register_edit",
    "session_close",
    "projector_show",
    "projector_codes",
    "history_show",
    "profile_show",
    "data_show",
    "password_change",
)


@pytest.mark.parametrize("name", LIVE)
def test_a_live_page_is_never_kept(stage: Stage, name: str) -> None:
    assert name not in VIEWS
    pattern = next(each for each in urls.urlpatterns if each.name == name)
    address = reverse(name, kwargs={key: stage.arguments[key] for key in pattern.pattern.converters})
    for _time in range(3):
        with CaptureQueriesContext(connection) as queries:
            assert stage.browsers["ines"].get(address).status_code == 200
        assert len(queries) >= 1, "the session with its person, at least"


def test_a_mark_is_on_the_students_next_page(stage: Stage) -> None:
    address = stage.address("course_show")
    for _time in range(3):
        stage.cached("amira", address)
    mark = Attendance.objects.get(student=stage.campus.amira)
    form = {f"status-{mark.student_id}": "late", f"seen-{mark.student_id}": f"{mark.status}.{mark.version}"}
    register = reverse("register_edit", args=[stage.campus.lecture.pk])
    before = stage.cached("amira", address)
    assert stage.browsers["ines"].post(register, form).status_code == 302
    after = stage.cached("amira", address)
    assert after != before and after == stage.twin("amira", address)


def test_a_check_in_that_opens_is_on_the_next_page(stage: Stage) -> None:
    """Two browsers side by side: the teacher closes check-in, the student clicks."""
    lecture = stage.campus.lecture.pk
    for _time in range(3):
        stage.cached("amira", "/dashboard/")
    assert b"check-in open" in stage.cached("amira", "/dashboard/").body
    stage.browsers["ines"].post(reverse("session_close", args=[lecture]), {"blanks": "absent"})
    assert b"check-in open" not in stage.cached("amira", "/dashboard/").body
    stage.browsers["ines"].post(reverse("session_open", args=[lecture]), {"minutes": "15"})
    assert b"check-in open" in stage.cached("amira", "/dashboard/").body
