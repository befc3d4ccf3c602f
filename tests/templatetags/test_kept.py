"""Pieces of pages that are rendered once for many readers: each reader gets what would be rendered for them alone."""

import itertools

import pytest
from django.test import Client
from django.urls import reverse

from attendance.models import User
from attendance.templatetags.holes import KeptNode
from tests.cast import Campus, signed_in
from tests.pages.every import Seen, seen

PLACES = ("dashboard", "course_list", "profile_show", "request_list")


def pages_of(browser: Client) -> list[Seen]:
    """What a browser is shown at some places, at one of them with a parameter, and after a form with mistakes."""
    addresses = [*map(reverse, PLACES), f"{reverse('course_list')}?q=%3Cb%3E%22&page=1", reverse("login")]
    return [seen(browser, address) for address in addresses]


@pytest.fixture
def browsers(campus: Campus) -> list[Client]:
    """Readers of each role, two of one role, an operator, one who reads Arabic, one in the dark, and a visitor."""
    User.objects.filter(pk=campus.bilal.pk).update(language="ar", family_name='O’"<Adeyemi>')
    User.objects.filter(pk=campus.foreign_admin.pk).update(is_superuser=True)
    people = (campus.amira, campus.bilal, campus.ines, campus.kwame, campus.admin, campus.auditor, campus.foreign_admin)
    browsers = [*map(signed_in, people), Client()]
    browsers[3].cookies["theme"] = "dark"
    for browser in browsers:
        browser.get("/", follow=True)  # From here on the browser has a form token.
    return browsers


def test_what_is_kept_of_others_is_what_would_be_rendered_for_oneself(
    browsers: list[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    for browser in itertools.chain(browsers, reversed(browsers)):
        pages_of(browser)
    kept = [pages_of(browser) for browser in browsers]
    monkeypatch.setattr(KeptNode, "render", lambda node, context: node.nodelist.render(context))
    for browser, pages in zip(browsers, kept, strict=True):
        for page, alone in zip(pages, pages_of(browser), strict=True):
            assert page.body.split(b"\n") == alone.body.split(b"\n")


def test_a_form_that_was_sent_names_no_address_to_come_back_to(campus: Campus) -> None:
    browser = Client()
    for _time in range(2):
        assert b'name="next" value="/login/"' in browser.get("/login/").content
        assert b'name="next" value=""' in browser.post("/login/", {"username": "amira", "password": "wrong"}).content


def test_each_form_of_a_page_has_the_token_of_its_browser(browsers: list[Client]) -> None:
    tokens = [
        page.body.count(browser.cookies["csrftoken"].value.encode())
        for browser in browsers[:2]
        for page in pages_of(browser)[:1]
    ]
    assert tokens == [3, 3], "theme, language, logging out"
