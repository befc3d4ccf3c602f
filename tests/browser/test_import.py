"""An administrator brings in a term from a file and takes it back, and looks at what is being compared."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from attendance import clock
from attendance.models import Course, Import, Room, Section, User
from tests.browser import enter
from tests.browser.test_walk import people
from tests.cast import Campus
from tests.importers.files import zip_of

__all__ = ["people"]

FILES = {
    "rooms.csv": "name,capacity\nHall C-1,80\nHall C-2,many\n",
    "people.csv": "number,role,given_name,family_name\nS9001,student,Noor,Rahimi\nS9002,student,Sam,Osei\n",
    "courses.csv": "code,title,department\nCS 204,Databases and Information Systems,Computer Science\n",
    "sections.csv": "course,name\nCS 204,Seminar 1\n",
}


def upload(page: Page, server: LiveServer, name: str, content: bytes) -> None:
    page.goto(f"{server.url}/imports/")
    page.get_by_role("link", name="Import a file").first.click()
    page.get_by_label("File", exact=True).set_input_files(
        files=[{"name": name, "mimeType": "application/octet-stream", "buffer": content}]
    )
    page.get_by_label("Term of rows that name none").select_option("Autumn")
    page.get_by_role("button", name="Compare with what is stored").click()


def test_a_zip_is_looked_at_applied_and_undone(
    page: Page, live_server: LiveServer, people: Campus, axe: Callable[[], None]
) -> None:
    enter(page.context, live_server, people.admin)
    upload(page, live_server, "autumn.zip", zip_of(FILES))

    expect(page.get_by_role("button", name="Apply 5 changes")).to_be_visible()  # Its own script leads there.
    expect(page.get_by_text("1 row is left out")).to_be_visible()
    refused = page.locator("#rows tbody tr")
    expect(refused).to_have_count(1)
    expect(refused).to_contain_text("rooms.csv")
    expect(refused).to_contain_text("capacity")
    expect(refused).to_contain_text("“many” does not fit.")
    axe()
    page.get_by_role("link", name="Changed 1").click()
    expect(page.locator("#rows del")).to_have_text("Databases")
    expect(page.locator("#rows ins")).to_have_text("Databases and Information Systems")
    page.get_by_role("link", name="New 4").click()
    page.get_by_role("combobox", name="Kind").select_option("person")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#rows tbody tr")).to_have_count(2)
    assert Room.objects.count() == 1, "so far nothing has changed"

    page.get_by_role("button", name="Apply 5 changes").click()
    expect(page.get_by_text("Applied 5 changes.")).to_be_visible()
    assert Room.objects.filter(name="Hall C-1").exists()
    assert Course.objects.get().title == "Databases and Information Systems"
    axe()

    page.get_by_role("link", name="Undo this import").click()
    axe()
    page.get_by_role("button", name="Undo 5 changes").click()
    expect(page.get_by_text("Undone. Everything is as it was before this import.")).to_be_visible()
    assert Course.objects.get().title == "Databases"
    assert not User.objects.filter(number="S9001").exists() and not Section.objects.exists()


def test_the_same_file_again_has_nothing_to_apply(page: Page, live_server: LiveServer, people: Campus) -> None:
    enter(page.context, live_server, people.admin)
    upload(page, live_server, "rooms.csv", b"name,capacity\nHall B-12,240\n")
    expect(page.get_by_text("Everything is there already.")).to_be_visible()
    expect(page.get_by_role("button", name="Apply")).to_have_count(0)
    page.get_by_role("button", name="Put it aside").click()
    expect(page.get_by_text("Put aside. Nothing was changed.").first).to_be_visible()


def comparing(people: Campus) -> Import:
    """Store an import whose comparison is in the middle."""
    return Import.objects.create(
        organisation=people.organisation,
        source="csv",
        file_name="autumn.zip",
        records=5342,
        compared=1820,
        touched_at=clock.now() + timedelta(minutes=5),
    )


def go_on(held: Import, **fields: object) -> None:
    Import.objects.filter(pk=held.pk).update(**fields)


def test_progress_follows_and_ends_in_the_comparison(
    page: Page, live_server: LiveServer, people: Campus, axe: Callable[[], None]
) -> None:
    enter(page.context, live_server, people.admin)
    held = comparing(people)
    page.goto(f"{live_server.url}/imports/{held.pk}/")
    expect(page.get_by_role("status")).to_contain_text("1,820 of 5,342 rows are compared")
    axe()
    go_on(held, compared=3000)
    expect(page.get_by_role("status")).to_contain_text("3,000 of 5,342 rows are compared")
    go_on(held, state="failed", problem="users.csv is not UTF-8.")
    expect(page.get_by_text("users.csv is not UTF-8.")).to_be_visible()
    axe()


def test_without_scripts_the_page_reloads_itself(browser: Browser, live_server: LiveServer, people: Campus) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    enter(page.context, live_server, people.admin)
    held = comparing(people)
    page.goto(f"{live_server.url}/imports/{held.pk}/")
    expect(page.get_by_role("status")).to_contain_text("1,820 of 5,342")
    go_on(held, state="failed", problem="users.csv is not UTF-8.")
    expect(page.get_by_text("users.csv is not UTF-8.")).to_be_visible(timeout=10_000)
    context.close()
