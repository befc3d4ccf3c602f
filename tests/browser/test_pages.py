"""Every page of every role, in light and dark, wide and at 360 pixels: accessible, and within its width.

A page is loaded once for each width, and its colours change while it is open.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Literal

import pytest
from django.urls import reverse
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from attendance import clock
from attendance.models import Offering
from attendance.services.register import Mark, mark_register
from tests.areas import pages_of, stage_all
from tests.browser import enter
from tests.browser.test_walk import people
from tests.cast import Campus
from tests.servers.environment import PROJECT
from tests.views.test_who_may import pattern_of

__all__ = ["people"]

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
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


def look_at(page: Page, name: str, scheme: Scheme, width: int, axe: Callable[[], None]) -> None:
    """See to it that the open page is accessible and fits, in these colours and on a screen as wide as that."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 780})
    axe()
    scroll_width = page.evaluate("document.documentElement.scrollWidth")
    assert scroll_width <= width, f"{name} is {scroll_width} px wide on a screen of {width} px"


@pytest.mark.parametrize("who", READERS)
def test_pages_are_accessible_and_fit(
    page: Page, live_server: LiveServer, people: Campus, arguments: dict[str, Any], axe: Callable[[], None], who: str
) -> None:
    if who != "visitor":
        enter(page.context, live_server, getattr(people, who))
    for name in pages_of(who):
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 780})
            page.goto(live_server.url + path_of(name, arguments))
            for scheme in SCHEMES:
                look_at(page, name, scheme, width, axe)


@pytest.mark.parametrize("who", READERS)
def test_pages_are_accessible_and_fit_in_arabic(
    page: Page, live_server: LiveServer, people: Campus, arguments: dict[str, Any], axe: Callable[[], None], who: str
) -> None:
    if who == "visitor":
        page.context.add_cookies([{"name": "language", "value": "ar", "url": live_server.url}])
    else:
        enter(page.context, live_server, getattr(people, who))
        type(people.admin).objects.update(language="ar")
    for name in pages_of(who):
        page.goto(live_server.url + path_of(name, arguments))
        assert page.evaluate("document.documentElement.dir") == "rtl"
        look_at(page, name, "light", 360, axe)
        look_at(page, name, "dark", 1280, axe)


def test_no_script_asks_for_width_or_colours() -> None:
    """So a page that is open when these change is the page that is loaded after they did."""
    scripts = [*(PROJECT / "attendance" / "static" / "attendance").glob("*.js")]
    asking = re.compile(r"prefers-color-scheme|innerWidth|clientWidth|offsetWidth|[(]\"resize|ResizeObserver|screen[.]")
    assert scripts
    assert [script.name for script in scripts if asking.search(script.read_text("utf-8"))] == []
