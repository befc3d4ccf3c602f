"""Every page of every role, in light and dark, wide and at 360 pixels: accessible, and within its width."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from attendance import clock
from attendance.models import Offering
from attendance.services.attendance_sessions import open_session
from attendance.services.register import Mark, mark_register
from tests.browser.test_walk import log_in, people
from tests.cast import Campus

__all__ = ["people"]

STAFF = ["dashboard", "course_list", "course_show", "lecture_show", "register_edit", "history_show", "profile_show"]
STUDENT = ["dashboard", "course_list", "record_show", "enrolment_create"]
PAGES = {
    "visitor": ["home", "login", "password_reset", "password_reset_sent", "missing"],
    "amira": [*STUDENT, "course_show", "lecture_show", "history_show", "profile_show", "password_change", "missing"],
    "outsider": STUDENT,
    "ines": [*STAFF, "lecture_create", "session_close"],
    "auditor": STAFF,
    "admin": [*STAFF, "course_create", "people_list", "person_show", "invitation_list", "invitation_create"],
}


@pytest.fixture
def stage(people: Campus) -> Campus:
    """Past lectures with all kinds of marks, and an open check-in now."""
    kinds = ["present", "late", "left_early", "excused", "remote", "absent", "exempt", "present"]
    for lecture, status in zip(people.past_lectures(len(kinds)), kinds, strict=True):
        marks = [Mark(people.amira.pk, status, 0)]
        mark_register(lecture=lecture, actor=people.ines, marks=marks, reason="As seen in the hall")
    open_session(lecture=people.lecture, actor=people.ines, minutes=15)
    mark_register(lecture=people.lecture, actor=people.ines, marks=[Mark(people.amira.pk, "late", 0)])
    code = {"enrolment_code": "ABCDEFGH", "enrolment_code_expires_at": clock.now() + timedelta(days=9)}
    Offering.objects.update(**code)
    return people


def path_of(campus: Campus, name: str) -> str:
    if name == "missing":
        return "/no/such/page/"
    arguments = {
        "course_show": [campus.offering.pk],
        "lecture_create": [campus.offering.pk],
        "lecture_show": [campus.lecture.pk],
        "register_edit": [campus.lecture.pk],
        "session_close": [campus.lecture.pk],
        "history_show": [campus.lecture.pk, campus.amira.pk],
        "person_show": [campus.bilal.pk],
    }
    return reverse(name, args=arguments.get(name, []))


@pytest.mark.parametrize("who", PAGES)
def test_pages_are_accessible_and_fit(
    page: Page, live_server: LiveServer, stage: Campus, axe: Callable[[], None], who: str
) -> None:
    if who != "visitor":
        log_in(page, live_server, getattr(stage, who))
    for name in PAGES[who]:
        for scheme, width in (("light", 1280), ("dark", 360), ("light", 360), ("dark", 1280)):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 780})
            page.goto(live_server.url + path_of(stage, name))
            axe()
            scroll_width = page.evaluate("document.documentElement.scrollWidth")
            assert scroll_width <= width, f"{name} is {scroll_width} px wide on a screen of {width} px"
