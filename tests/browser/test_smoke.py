"""The browser, the server and the watch on both work together."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

PAGE = "<!DOCTYPE html><html lang='en'><title>Register</title><main><h1>Register</h1></main></html>"


@pytest.fixture
def bare_page(page: Page) -> Page:
    """A page without the product behind it, under a strict policy; every other address of its host is missing."""
    headers = {"Content-Security-Policy": "default-src 'self'", "Content-Type": "text/html"}
    page.route("**/*", lambda route: route.fulfill(status=404))
    page.route("http://register.test/", lambda route: route.fulfill(body=PAGE, headers=headers))
    page.goto("http://register.test/")
    return page


def test_a_visitor_reads_a_page_of_the_product(page: Page, live_server: LiveServer, axe: Callable[[], None]) -> None:
    page.goto(f"{live_server.url}/login/")

    expect(page.locator("h1")).to_be_visible()
    axe()


def test_the_browser_speaks_british_english(bare_page: Page, axe: Callable[[], None]) -> None:
    assert bare_page.evaluate("navigator.language") == "en-GB"
    axe()


def test_inaccessible_pages_are_noticed(bare_page: Page, axe: Callable[[], None]) -> None:
    bare_page.evaluate("document.querySelector('main').append(document.createElement('button'))")

    with pytest.raises(AssertionError, match="button-name"):
        axe()


def test_scripts_that_the_policy_refuses_are_noticed(bare_page: Page, complaints: list[str]) -> None:
    with bare_page.expect_console_message():
        bare_page.evaluate(
            "document.body.append(Object.assign(document.createElement('script'), {textContent: 'document.title = 1'}))"
        )

    assert [complaint.split(":")[0] for complaint in complaints] == ["console"]
    assert "Content Security Policy" in complaints[0]
    complaints.clear()


def test_script_errors_are_noticed(bare_page: Page, complaints: list[str]) -> None:
    with bare_page.expect_event("pageerror"):
        bare_page.evaluate("setTimeout(() => { throw new Error('no such student') })")

    assert complaints == ["script: no such student"]
    complaints.clear()


def test_missing_files_are_noticed(bare_page: Page, complaints: list[str]) -> None:
    with bare_page.expect_response("**/no-such-file"):
        bare_page.evaluate("fetch('/no-such-file')")

    assert complaints == ["answer 404: http://register.test/no-such-file"]
    complaints.clear()
