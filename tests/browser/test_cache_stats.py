"""An administrator looks at what the cache does, clears and warms it, and sees the numbers follow."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from attendance.caching import rounds
from attendance.models import User
from attendance.queries.directories import course_list, student_list
from tests.browser import enter
from tests.browser.test_walk import people
from tests.caching.conftest import calm
from tests.cast import Campus

__all__ = ["calm", "people"]


@pytest.fixture(autouse=True)
def followed(live_server: LiveServer, calm: None) -> None:
    """A cache that follows the database."""
    assert rounds.run_now()


def row_of(page: Page, resource: str) -> Locator:
    return page.locator("table.resources tbody tr", has_text=resource)


def read(campus: Campus, times: int) -> None:
    for _time in range(times):
        student_list(organisation=campus.organisation.pk.hex)


def test_an_administrator_clears_and_warms_and_sees_the_numbers_follow(
    page: Page, live_server: LiveServer, people: Campus, axe: Callable[[], None]
) -> None:
    enter(page.context, live_server, people.admin)
    read(people, 4)
    page.goto(f"{live_server.url}/rooms/")
    page.get_by_role("link", name="Cache").click()
    row = row_of(page, "student_rows")
    expect(row.locator(".hits")).to_have_text("3")
    expect(row.locator(".misses")).to_have_text("1")
    expect(row).to_contain_text("1 entry")
    axe()

    row.get_by_role("link", name="Clear student_rows").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Clear student_rows?")
    expect(page.get_by_text("1 entry goes. The next visitors wait about")).to_be_visible()
    axe()
    page.get_by_role("link", name="Keep them").click()
    expect(row.locator(".misses")).to_have_text("1")

    row.get_by_role("link", name="Clear student_rows").click()
    page.get_by_role("button", name="Clear 1 entry").click()
    expect(page.get_by_text("student_rows is cleared: 1 entry went.")).to_be_visible()
    row.get_by_role("button", name="Warm student_rows").click()
    expect(page.get_by_text("Warm: 1 copy was made")).to_be_visible()
    expect(row.locator(".misses")).to_have_text("2")
    read(people, 1)
    page.reload()
    expect(row.locator(".hits")).to_have_text("4")
    axe()


def test_what_an_operator_sees_is_accessible_and_fits(
    page: Page, live_server: LiveServer, people: Campus, axe: Callable[[], None]
) -> None:
    User.objects.filter(pk=people.admin.pk).update(is_superuser=True)
    enter(page.context, live_server, people.admin)
    read(people, 40)
    student_list(organisation=people.foreign_admin.organisation.pk.hex)
    User.objects.filter(pk=people.bilal.pk).update(family_name="Adeyemi-Cole")
    for scheme, width in (("light", 1280), ("dark", 360), ("light", 360), ("dark", 1280)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 780})
        page.goto(f"{live_server.url}/admin/cache-stats/?resource=student_rows")
        expect(page.locator(".entries tbody tr")).to_have_count(2)
        expect(page.locator(".entries", has_text="user:")).to_be_visible()
        axe()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert (
            page.evaluate(
                "Math.max(...[...document.querySelectorAll('.scroll')].map(e => e.scrollWidth - e.clientWidth))"
            )
            == 0
        )
    page.get_by_role("combobox", name="Organisation").select_option("Brackley College")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".entries tbody tr")).to_have_count(1)


def test_the_figures_follow_by_themselves_and_leave_the_focus_where_it_is(
    page: Page, live_server: LiveServer, people: Campus
) -> None:
    enter(page.context, live_server, people.admin)
    read(people, 2)
    page.goto(f"{live_server.url}/admin/cache-stats/")
    row = row_of(page, "student_rows")
    expect(row.locator(".hits")).to_have_text("1")
    clear = row.get_by_role("link", name="Clear student_rows")
    clear.focus()
    read(people, 5)
    expect(row.locator(".hits")).to_have_text("6", timeout=15_000)
    expect(clear).to_be_focused()
    for _time in range(9):
        course_list(organisation=people.organisation.pk.hex)
    first = page.locator("table.resources tbody tr").first
    expect(first).to_contain_text("course_rows", timeout=15_000)
    expect(clear).to_be_focused()
    expect(page.get_by_text("refreshed every 5 seconds")).to_be_visible()
    expect(page.get_by_role("link", name="Refresh")).to_be_hidden()


def test_a_page_that_is_not_refreshed_any_more_says_so(
    page: Page, live_server: LiveServer, people: Campus, complaints: list[str]
) -> None:
    enter(page.context, live_server, people.admin)
    page.goto(f"{live_server.url}/admin/cache-stats/")
    page.route("**/live/**", lambda route: route.abort())
    expect(page.get_by_text("not refreshed since: this site does not answer")).to_be_visible(timeout=15_000)
    expect(page.get_by_role("link", name="Refresh")).to_be_visible()
    page.unroute("**/live/**")
    expect(page.get_by_text("refreshed every 5 seconds")).to_be_visible(timeout=15_000)
    complaints.clear()


def test_without_scripts_a_link_refreshes_the_figures(
    browser: Browser, live_server: LiveServer, people: Campus
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    enter(page.context, live_server, people.admin)
    page.goto(f"{live_server.url}/admin/cache-stats/")
    expect(row_of(page, "student_rows")).to_have_count(0)
    read(people, 3)
    page.get_by_role("link", name="Refresh").click()
    expect(row_of(page, "student_rows").locator(".hits")).to_have_text("2")
    expect(page.get_by_text("refreshed every 5 seconds")).to_be_hidden()
    context.close()
