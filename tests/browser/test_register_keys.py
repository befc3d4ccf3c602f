"""The register by keyboard, as a teacher marks it: letters, arrows, undo, typing to find, and two tabs."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from attendance.models import Attendance
from attendance.services.attendance_sessions import open_session
from attendance.services.register import Mark, mark_register
from tests.browser import enter
from tests.browser.test_walk import people
from tests.cast import Campus

__all__ = ["people"]


@pytest.fixture
def register(page: Page, live_server: LiveServer, people: Campus) -> Page:
    """The register of the lecture, check-in open, before Ines."""
    open_session(lecture=people.lecture, actor=people.ines, minutes=15)
    enter(page.context, live_server, people.ines)
    page.goto(live_server.url + reverse("register_edit", args=[people.lecture.pk]))
    return page


def statuses() -> dict[str, str]:
    rows = Attendance.objects.exclude(status="").values_list("student__username", "status")
    return dict(rows)


def chosen(page: Page, name: str) -> str:
    return page.get_by_role("row", name=name).locator("input:checked").get_attribute("value") or ""


def test_letters_mark_and_move_on_and_are_saved_together(register: Page, axe: Callable[[], None]) -> None:
    register.keyboard.press("ArrowDown")
    register.keyboard.press("p")
    register.keyboard.press("l")
    assert (chosen(register, "Haddad"), chosen(register, "Adeyemi")) == ("present", "late")
    expect(register.locator("#unsaved")).to_have_text("2 changes are not saved.")
    axe()
    register.keyboard.press("s")
    expect(register.locator("form.undo")).to_be_visible()
    assert statuses() == {"amira": "present", "bilal": "late"}
    axe()


def test_z_takes_back_the_last_change_and_after_saving_the_whole_of_it(register: Page) -> None:
    register.keyboard.press("ArrowDown")
    register.keyboard.press("p")
    register.keyboard.press("a")
    register.keyboard.press("z")
    assert (chosen(register, "Haddad"), chosen(register, "Adeyemi")) == ("present", "")
    register.keyboard.press("s")
    expect(register.locator("form.undo")).to_be_visible()
    register.keyboard.press("z")
    expect(register.get_by_text("Took back 1 mark.")).to_be_visible()
    assert statuses() == {}


def test_typing_finds_and_letters_in_the_search_are_letters(register: Page) -> None:
    register.keyboard.press("/")
    register.keyboard.type("ade")
    expect(register.get_by_role("row", name="Haddad")).to_be_hidden()
    expect(register.get_by_role("row", name="Adeyemi")).to_be_visible()
    register.keyboard.press("Enter")
    register.keyboard.press("x")
    assert chosen(register, "Adeyemi") == "exempt"
    register.get_by_label("Find a student").fill("nobody")
    expect(register.get_by_text("Nobody here has this name or roll number.")).to_be_visible()


def test_blanks_that_typing_hid_are_not_filled(register: Page) -> None:
    register.get_by_label("Find a student").fill("had")
    register.get_by_role("button", name="Save and mark every blank absent").click()
    expect(register.locator("form.undo")).to_be_visible()
    assert statuses() == {"amira": "absent"}


def test_a_scan_that_arrives_meanwhile_is_not_lost(register: Page, people: Campus, complaints: list[str]) -> None:
    mark_register(lecture=people.lecture, actor=people.kwame, marks=[Mark(people.amira.pk, "present", 0)])
    register.keyboard.press("ArrowDown")
    register.keyboard.press("a")
    register.keyboard.press("l")
    register.keyboard.press("s")
    expect(register.get_by_text("1 row was changed by somebody else while you were marking.")).to_be_visible()
    expect(register.get_by_role("row", name="Haddad").get_by_text("changed elsewhere")).to_be_visible()
    assert statuses() == {"amira": "present", "bilal": "late"}
