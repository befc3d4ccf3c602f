"""A hall in two browsers: the projector's page is photographed, decoded by another decoder, and scanned by students."""

import re
from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from attendance.models import Attendance, AttendanceSession, CheckInAttempt, User
from attendance.services.attendance_sessions import close_session, open_session
from tests.browser import enter
from tests.browser.test_walk import log_in, people
from tests.cast import PASSWORD, Campus, enrol, hashed_password, person
from tests.qr.decoder import texts_in
from tests.scans import typed_now

__all__ = ["people"]

PHONE = {"width": 360, "height": 740}


@pytest.fixture
def session(live_server: LiveServer, people: Campus) -> AttendanceSession:
    return open_session(lecture=people.lecture, actor=people.ines, minutes=15)


@pytest.fixture
def projector(page: Page, live_server: LiveServer, people: Campus, session: AttendanceSession) -> Page:
    """The projector's page on a screen of 1,366 pixels, as Ines opened it."""
    page.set_viewport_size({"width": 1366, "height": 768})
    enter(page.context, live_server, people.ines)
    page.goto(live_server.url + reverse("projector_show", args=[people.lecture.pk]))
    return page


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A student's phone, with nobody logged in."""
    with browser.new_context(viewport=PHONE, locale="en-GB") as context:  # type: ignore[arg-type]
        yield context


def photo_of(projector: Page) -> str:
    """Photograph the projector and return the address in the picture."""
    [address] = texts_in(Image.open(BytesIO(projector.screenshot())))
    return address


def next_photo_of(projector: Page, last: str) -> str:
    """Photograph the projector once it shows another code than that one."""
    path = projector.locator(".qr path")
    before = path.get_attribute("d") or ""
    if photo_of(projector) == last:
        expect(path).not_to_have_attribute("d", before)
    return photo_of(projector)


def scan(phone: BrowserContext, address: str) -> Page:
    """Open what the camera found."""
    page = phone.new_page()
    page.goto(address)
    return page


def log_in_from_here(page: Page, user: User) -> None:
    page.get_by_label("Student number or e-mail").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def student_of(campus: Campus, number: int) -> User:
    """Put one more student into the course."""
    student = person(campus.organisation, f"s{number}", "student", f"Student {number}")
    student.password = hashed_password()
    student.save()
    enrol(campus.offering, student, f"1{number:03}")
    return student


def test_three_students_scan_three_codes_and_an_old_photo_is_refused(
    projector: Page, people: Campus, browser: Browser, axe: Callable[[], None]
) -> None:
    def heading_and_page(student: User, address: str) -> tuple[str, str]:
        """Scan, log in, and read what the phone says then, on one screen."""
        with browser.new_context(viewport=PHONE, locale="en-GB") as phone:  # type: ignore[arg-type]
            page = scan(phone, address)
            log_in_from_here(page, student)
            page.wait_for_url("**/me/scans/*/")
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
            expect(page.get_by_text("Databases", exact=False).first).to_be_in_viewport()
            return page.get_by_role("heading", level=1).inner_text(), page.locator("main").inner_text()

    first = address = photo_of(projector)
    for number in range(3):
        heading, _text = heading_and_page(student_of(people, number), address)
        assert heading == "Present"
        expect(projector.locator(".counter b")).to_have_text(str(number + 1), timeout=10_000)
        expect(projector.locator(".seats .on")).to_have_count(number + 1)
        address = next_photo_of(projector, address)
    expect(projector.locator(".counter")).to_contain_text("3 of 5 checked in")
    axe()

    heading, text = heading_and_page(people.amira, first)
    assert heading == "Not checked in"
    assert re.search(r"This code is \d+ (second|minute)s old. Codes live 9 seconds.", text)
    assert dict(CheckInAttempt.objects.order_by("pk").values_list("student__username", "outcome")) == {
        "s0": "checked_in",
        "s1": "checked_in",
        "s2": "checked_in",
        "amira": "code_expired",
    }
    assert Attendance.objects.filter(status="present").count() == 3


def test_pausing_takes_both_codes_off_the_screen(projector: Page, axe: Callable[[], None]) -> None:
    assert photo_of(projector)
    projector.get_by_role("button", name="Pause the code").click()
    expect(projector.get_by_text("Paused. Nobody can check in from this screen now.")).to_be_visible()
    assert texts_in(Image.open(BytesIO(projector.screenshot()))) == []
    expect(projector.locator(".typed")).to_have_text("")
    axe()
    projector.get_by_role("button", name="Pause the code").click()
    assert photo_of(projector)


def test_the_screen_goes_blank_when_the_link_drops_and_comes_back(
    projector: Page, context: BrowserContext, complaints: list[str]
) -> None:
    projector.wait_for_load_state("networkidle")
    context.set_offline(True)
    expect(projector.get_by_text("No connection. The code comes back by itself.")).to_be_visible(timeout=30_000)
    expect(projector.locator(".qr svg")).to_be_hidden()
    context.set_offline(False)
    expect(projector.locator(".qr svg")).to_be_visible(timeout=15_000)
    assert photo_of(projector)
    complaints.clear()


def test_codes_change_without_a_request_in_between(projector: Page, context: BrowserContext) -> None:
    projector.wait_for_load_state("networkidle")
    first = photo_of(projector)
    asked = []
    projector.route("**/projector/codes/", lambda route: asked.append(route))
    second = next_photo_of(projector, first)
    assert second != first


def test_closing_empties_the_screen(projector: Page, people: Campus, session: AttendanceSession) -> None:
    close_session(session=session, actor=people.ines, mark_rest_absent=False)
    expect(projector.get_by_text("Check-in is closed.")).to_be_visible(timeout=15_000)
    expect(projector.locator(".qr svg")).to_be_hidden()


def test_without_scripts_two_taps_check_in(
    projector: Page, browser: Browser, people: Campus, live_server: LiveServer
) -> None:
    with browser.new_context(viewport=PHONE, locale="en-GB", java_script_enabled=False) as context:  # type: ignore[arg-type]
        page = context.new_page()
        log_in(page, live_server, people.amira)
        page.goto(photo_of(projector))
        page.get_by_role("button", name="Check in").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Present")


def test_loading_the_answer_again_sends_nothing(
    projector: Page, phone: BrowserContext, people: Campus, live_server: LiveServer
) -> None:
    page = phone.new_page()
    enter(phone, live_server, people.amira)
    page.goto(photo_of(projector))
    expect(page.get_by_role("heading", level=1)).to_have_text("Present")
    attempt = CheckInAttempt.objects.get()
    expect(page).to_have_url(live_server.url + reverse("scan_show", args=[attempt.pk]))
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Present")
    assert CheckInAttempt.objects.get() == attempt


def test_a_code_is_typed_on_a_phone_in_arabic(
    phone: BrowserContext, people: Campus, live_server: LiveServer, session: AttendanceSession
) -> None:
    page = phone.new_page()
    enter(phone, live_server, people.amira)
    User.objects.filter(pk=people.amira.pk).update(language="ar")
    page.goto(f"{live_server.url}/c/")
    code = typed_now(session)
    page.locator("input[name=code]").fill(f"{code[:3].lower()} {code[3:]}")
    page.locator("main button[type=submit]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("حاضر")
    assert page.evaluate("document.documentElement.dir") == "rtl"
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
