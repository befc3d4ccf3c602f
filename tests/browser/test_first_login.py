"""An imported student who never had a password gets in: by a link, by a slip, by the institution's own login."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core import mail
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from attendance.models import User
from attendance.services.activation_mail import outgoing
from tests.browser.test_walk import log_in
from tests.cast import PASSWORD, Campus
from tests.servers.openid_provider import OpenIdProvider
from tests.sign_in.acts import with_password
from tests.sign_in.openid_acts import provider

__all__ = ["provider"]


A4_LESS_MARGINS = (297 - 2 * 14) / 25.4 * 96
HEIGHTS = "slips => slips.map(slip => slip.getBoundingClientRect().height)"


@pytest.fixture
def admin(page: Page, live_server: LiveServer, campus: Campus) -> Page:
    """The administrator's window; nobody else has a password."""
    log_in(page, live_server, with_password(campus.admin))
    return page


@pytest.fixture
def student(browser: Browser) -> Iterator[Page]:
    """The student's own window."""
    context = browser.new_context(locale="en-GB")
    yield context.new_page()
    context.close()


def accessible(page: Page) -> None:
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def on_the_dashboard(page: Page, server: LiveServer) -> None:
    expect(page).to_have_url(f"{server.url}/dashboard/")
    expect(page.locator("details.account summary")).to_contain_text("Amira Haddad")


def set_password(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome to University of Aldermoor")
    accessible(page)
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Set the password and log in").click()


def test_by_a_link_in_the_mail(admin: Page, student: Page, live_server: LiveServer, campus: Campus) -> None:
    admin.goto(f"{live_server.url}/people/")
    admin.get_by_role("link", name="Getting in").click()
    admin.get_by_label("Role").select_option("Student")
    admin.get_by_role("button", name="Show").click()
    admin.get_by_label("Haddad, Amira").check()
    accessible(admin)
    admin.get_by_role("button", name="Send links to the ticked").click()
    expect(admin.get_by_text("1 link is on its way.")).to_be_visible()
    outgoing.submit(int).result()
    admin.reload()
    expect(admin.get_by_text("link sent")).to_be_visible()

    [message] = mail.outbox
    [link] = re.findall(r"http://\S+/activate/\S+", str(message.body))
    student.goto(link)
    set_password(student)
    on_the_dashboard(student, live_server)
    student.goto(link)
    expect(student.get_by_role("heading", level=1)).to_have_text("This link or code was used")
    accessible(student)


def test_by_a_slip_of_paper(admin: Page, student: Page, live_server: LiveServer, campus: Campus) -> None:
    User.objects.filter(pk=campus.amira.pk).update(email="")
    admin.goto(f"{live_server.url}/people/activations/?role=student")
    admin.get_by_text("For all 3 people found").click()
    admin.get_by_role("button", name="Print 3 codes").click()
    accessible(admin)
    slip = admin.get_by_role("listitem").filter(has_text="Amira Haddad")
    code = slip.locator(".code").inner_text()
    admin.emulate_media(media="print")
    expect(admin.get_by_role("heading", level=1)).to_be_hidden()
    expect(slip).to_contain_text(f"{live_server.url}/activate/")
    heights = admin.get_by_role("listitem").filter(has=admin.locator(".code")).evaluate_all(HEIGHTS)
    assert max(heights) * 5 < A4_LESS_MARGINS, "ten slips fit on a page"

    student.goto(f"{live_server.url}/login/")
    student.get_by_role("link", name="A slip with a code?").click()
    student.get_by_label("Student number or e-mail").fill("amira")
    student.get_by_label("Code").fill("AAAAA-AAAAA")
    student.get_by_role("button", name="Go on").click()
    expect(student.get_by_text("That code does not match")).to_be_visible()
    student.get_by_label("Code").fill(code.lower())
    student.get_by_role("button", name="Go on").click()
    set_password(student)
    on_the_dashboard(student, live_server)


def test_by_the_institutions_own_login(
    student: Page, live_server: LiveServer, campus: Campus, provider: OpenIdProvider
) -> None:
    provider.asks_first = True
    student.goto(f"{live_server.url}/me/")
    accessible(student)
    student.set_viewport_size({"width": 360, "height": 780})
    assert student.evaluate("document.documentElement.scrollWidth") <= 360
    student.get_by_role("link", name="Log in with your institution’s account").click()
    student.get_by_role("link", name="Log in as Amira").click()
    expect(student).to_have_url(f"{live_server.url}/me/")
    student.goto(f"{live_server.url}/dashboard/")
    on_the_dashboard(student, live_server)

    student.locator("details.account summary").click()
    student.get_by_role("button", name="Log out").click()
    provider.fault = "error=access_denied"
    student.goto(f"{live_server.url}/login/")
    student.get_by_role("link", name="Log in with your institution’s account").click()
    student.get_by_role("link", name="Log in as Amira").click()
    expect(student.get_by_role("heading", level=1)).to_have_text("Your institution did not log you in")
    accessible(student)
