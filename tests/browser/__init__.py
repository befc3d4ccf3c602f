"""What people do, in a browser."""

from django.conf import settings
from playwright.sync_api import BrowserContext, Locator
from pytest_django.live_server_helper import LiveServer

from attendance.models import User
from tests.cast import signed_in


def choose(row: Locator, name: str) -> None:
    """Click the letter that a radio button without a face of its own stands behind, as people do."""
    row.locator("label", has=row.page.get_by_role("radio", name=name)).click()


def enter(browser: BrowserContext, server: LiveServer, person: User) -> None:
    """Log somebody in without the form, which has tests of its own."""
    stored = User.objects.get(pk=person.pk)  # With the password it has by now, which its session is bound to.
    cookie = signed_in(stored).cookies[settings.SESSION_COOKIE_NAME]
    browser.add_cookies([{"name": cookie.key, "value": cookie.value, "url": server.url}])
