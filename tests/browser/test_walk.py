"""The thin walk through everything, as people do it: in a browser, from an empty course to a percentage."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from attendance import clock
from attendance.models import Attendance, AttendanceEvent, User
from tests.browser import choose
from tests.cast import PASSWORD, Campus, hashed_password


@pytest.fixture
def people(campus: Campus) -> Campus:
    """The campus, with passwords."""
    User.objects.update(password=hashed_password())
    return campus


def log_in(page: Page, server: LiveServer, user: User) -> None:
    page.goto(f"{server.url}/login/")
    page.get_by_label("Student number or e-mail").fill(user.email or user.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(f"{server.url}/dashboard/")


def log_out(page: Page) -> None:
    page.locator("details.account summary").click()
    page.get_by_role("button", name="Log out").click()


def test_from_an_empty_course_to_a_percentage(
    page: Page, live_server: LiveServer, people: Campus, axe: Callable[[], None]
) -> None:
    teacher, student = people.other_teacher, people.outsider

    log_in(page, live_server, people.admin)
    page.get_by_role("link", name="New course").click()
    page.get_by_label("Code").fill("MA 210")
    page.get_by_label("Title").fill("Linear Algebra")
    page.get_by_label("Department").select_option("Computer Science")
    page.get_by_label("Term").select_option("Autumn")
    page.get_by_label("Owner").fill(teacher.number)
    axe()
    page.get_by_role("button", name="Make the course").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Linear Algebra MA 210")
    page.get_by_role("button", name="Make a code").click()
    code = page.locator(".big").inner_text()
    assert re.fullmatch("[A-Z2-9]{8}", code)
    add_lecture_now(page, people)
    log_out(page)

    log_in(page, live_server, student)
    page.get_by_role("link", name="Enrol with a code").click()
    page.get_by_role("textbox").fill(f"{code[:4].lower()} {code[4:]}")
    page.get_by_role("button", name="Enrol").click()
    expect(page.get_by_text("Linear Algebra").first).to_be_visible()
    log_out(page)

    log_in(page, live_server, teacher)
    page.get_by_role("link", name="Linear Algebra").first.click()
    axe()
    page.get_by_role("button", name="Open check-in").click()
    expect(page.get_by_text("Check-in is open until")).to_be_visible()
    choose(page.locator("tr", has_text="Adeyemi, Omar"), "Late")
    axe()
    page.get_by_role("button", name="Save the register").click()
    expect(page.locator("form.undo").get_by_text("Saved.")).to_be_visible()
    page.get_by_role("link", name="Close check-in").click()
    axe()
    page.get_by_role("button", name="Close check-in").click()
    expect(page.get_by_text("Check-in is closed.")).to_be_visible()
    log_out(page)

    log_in(page, live_server, student)
    course = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Linear Algebra"))
    expect(course).to_contain_text("100.0")
    expect(course).to_contain_text("1: 1 late")
    page.locator("nav").get_by_role("link", name="Attendance").first.click()
    page.get_by_text("Every lecture").click()
    page.get_by_role("link", name="history").click()
    expect(page.get_by_text("Bruno Keller")).to_be_visible()
    axe()
    assert [event.kind for event in AttendanceEvent.objects.order_by("pk")] == [
        "session_opened",
        "marked",
        "session_closed",
    ]
    assert Attendance.objects.get().status == "late"


def add_lecture_now(page: Page, campus: Campus) -> None:
    """Add a lecture of today that is on now, or starts the day when it is shortly after midnight."""
    now = clock.now().astimezone(campus.organisation.zone)
    start = max(now - timedelta(minutes=5), now.replace(hour=0, minute=0))
    end = min(start + timedelta(minutes=90), now.replace(hour=23, minute=59))
    page.get_by_role("link", name="New lecture").click()
    page.get_by_label("Day").fill(f"{now:%Y-%m-%d}")
    page.get_by_label("Start").fill(f"{start:%H:%M}")
    page.get_by_label("End").fill(f"{end:%H:%M}")
    page.get_by_label("Room").select_option("Hall B-12")
    page.get_by_role("button", name="Add the lecture").click()
    expect(page.get_by_text("Linear Algebra. Hall B-12")).to_be_visible()


def test_two_teachers_mark_the_same_register(browser: Browser, live_server: LiveServer, people: Campus) -> None:
    windows = [browser.new_context(locale="en-GB").new_page() for _ in range(2)]
    for page, teacher in zip(windows, (people.ines, people.kwame), strict=True):
        log_in(page, live_server, teacher)
        page.goto(f"{live_server.url}/lectures/{people.lecture.pk}/register/")
    first, second = windows
    choose(first.locator("tr", has_text="Haddad, Amira"), "Present")
    first.get_by_role("button", name="Save the register").click()
    expect(first.locator("form.undo").get_by_text("Saved.")).to_be_visible()

    choose(second.locator("tr", has_text="Haddad, Amira"), "Absent")
    choose(second.locator("tr", has_text="Adeyemi, Bilal"), "Remote")
    second.get_by_role("button", name="Save the register").click()
    expect(second.get_by_text("1 row was changed by somebody else")).to_be_visible()
    expect(second.locator("tr", has_text="Haddad, Amira")).to_contain_text("changed elsewhere")
    statuses = dict(Attendance.objects.values_list("student__username", "status"))
    assert statuses == {"amira": "present", "bilal": "remote"}
    for page in windows:
        page.context.close()


def test_each_change_is_on_the_others_next_click(browser: Browser, live_server: LiveServer, people: Campus) -> None:
    teacher, student = (browser.new_context(locale="en-GB").new_page() for _ in range(2))
    log_in(teacher, live_server, people.ines)
    log_in(student, live_server, people.amira)
    lecture = f"{live_server.url}/lectures/{people.lecture.pk}/"
    for _time in range(3):  # Both have seen every page, so that what can be kept is kept.
        for page in (teacher, student):
            for path in ("/dashboard/", "/courses/", f"/courses/{people.offering.pk}/"):
                page.goto(live_server.url + path)
            page.goto(lecture)
    teacher.get_by_role("button", name="Open check-in").click()
    choose(teacher.locator("tr", has_text="Haddad, Amira"), "Late")
    teacher.get_by_role("button", name="Save the register").click()
    expect(teacher.locator("form.undo").get_by_text("Saved.")).to_be_visible()

    student.goto(lecture)
    expect(student.get_by_text("check-in open")).to_be_visible()
    student.get_by_role("link", name="CS 204 Databases").click()
    expect(student.get_by_text("1: 1 late")).to_be_visible()
    student.get_by_role("link", name="Courses").first.click()

    teacher.goto(f"{live_server.url}/courses/{people.offering.pk}/edit/")
    teacher.get_by_label("Title").fill("Databases and their like")
    teacher.get_by_role("button", name="Save").click()
    student.get_by_role("link", name="Today").first.click()
    expect(student.get_by_role("heading", level=1)).to_have_text("Databases and their like")
    for page in (teacher, student):
        page.context.close()


def test_the_register_works_without_javascript(browser: Browser, live_server: LiveServer, people: Campus) -> None:
    context = browser.new_context(locale="en-GB", java_script_enabled=False)
    page = context.new_page()
    log_in(page, live_server, people.ines)
    page.goto(f"{live_server.url}/lectures/{people.lecture.pk}/")
    page.get_by_role("link", name="Check-in, marks and planning").click()
    page.get_by_role("button", name="Open check-in").click()
    choose(page.locator("tr", has_text="Haddad, Amira"), "Present")
    page.get_by_role("button", name="Save and mark every blank absent").click()
    expect(page.locator("form.undo").get_by_text("Saved.")).to_be_visible()
    log_out(page)
    expect(page).to_have_url(re.compile("/(login/)?$"))
    context.close()
    assert set(Attendance.objects.values_list("status", flat=True)) == {"present", "absent"}
