"""Every page of every role, in light and dark, wide and at 360 pixels: accessible, and within its width."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from attendance import clock
from attendance.models import Offering
from attendance.services.register import Mark, mark_register
from tests.areas import pages_of, stage_all
from tests.browser.test_walk import log_in, people
from tests.cast import Campus
from tests.views.test_who_may import pattern_of

__all__ = ["people"]

READERS = ["visitor", "amira", "outsider", "ines", "auditor", "admin"]


@pytest.fixture
def arguments(people: Campus) -> dict[str, Any]:
    """Past lectures with all kinds of marks, an enrolment code, and the stage of every area."""
    kinds = ["present", "late", "left_early", "excused", "remote", "absent", "exempt", "present"]
    for lecture, status in zip(people.past_lectures(len(kinds)), kinds, strict=True):
        marks = [Mark(people.amira.pk, status, 0)]
        mark_register(lecture=lecture, actor=people.ines, marks=marks, reason="As seen in the hall")
    code = {"enrolment_code": "ABCDEFGH", "enrolment_code_expires_at": clock.now() + timedelta(days=9)}
    Offering.objects.update(**code)
    return stage_all(people)


def path_of(name: str, arguments: dict[str, Any]) -> str:
    if name == "missing":
        return "/no/such/page/"
    return reverse(name, kwargs={key: arguments[key] for key in pattern_of(name).pattern.converters})


@pytest.mark.parametrize("who", READERS)
def test_pages_are_accessible_and_fit(
    page: Page, live_server: LiveServer, people: Campus, arguments: dict[str, Any], axe: Callable[[], None], who: str
) -> None:
    if who != "visitor":
        log_in(page, live_server, getattr(people, who))
    for name in pages_of(who):
        for scheme, width in (("light", 1280), ("dark", 360), ("light", 360), ("dark", 1280)):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 780})
            page.goto(live_server.url + path_of(name, arguments))
            axe()
            scroll_width = page.evaluate("document.documentElement.scrollWidth")
            assert scroll_width <= width, f"{name} is {scroll_width} px wide on a screen of {width} px"


@pytest.mark.parametrize("who", READERS)
def test_pages_are_accessible_and_fit_in_arabic(
    page: Page, live_server: LiveServer, people: Campus, arguments: dict[str, Any], axe: Callable[[], None], who: str
) -> None:
    if who == "visitor":
        page.context.add_cookies([{"name": "language", "value": "ar", "url": live_server.url}])
    else:
        log_in(page, live_server, getattr(people, who))
        type(people.admin).objects.update(language="ar")
    for name in pages_of(who):
        for scheme, width in (("light", 360), ("dark", 1280)):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 780})
            page.goto(live_server.url + path_of(name, arguments))
            assert page.evaluate("document.documentElement.dir") == "rtl"
            axe()
            scroll_width = page.evaluate("document.documentElement.scrollWidth")
            assert scroll_width <= width, f"{name} is {scroll_width} px wide on a screen of {width} px"
