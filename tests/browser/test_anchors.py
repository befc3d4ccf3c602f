"""The ledger's pages with anchoring on, in Chromium: accessible and within their width, whatever stands in the way."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from attendance.services.anchoring import anchor_newest
from tests.browser.test_walk import log_in, people
from tests.cast import Campus
from tests.ledger.anchoring import horizon
from tests.ledger.stage import sealed_block
from tests.servers.horizon import StubHorizon

__all__ = ["horizon", "people"]
NAMES = ("blockchain_statistics", "blockchain_status")


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("fault", ["", "timeout"])
def test_pages_with_anchors_are_accessible_and_fit(
    page: Page,
    live_server: LiveServer,
    people: Campus,
    horizon: StubHorizon,
    axe: Callable[[], None],
    language: str,
    fault: str,
) -> None:
    sealed_block(people, people.amira)
    anchor_newest()
    sealed_block(people, people.bilal)
    horizon.fault = fault
    anchor_newest()
    log_in(page, live_server, people.admin)
    type(people.admin).objects.update(language=language)
    for name in NAMES:
        for scheme, width in (("light", 1280), ("dark", 360), ("light", 360), ("dark", 1280)):
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            page.set_viewport_size({"width": width, "height": 780})
            page.goto(live_server.url + reverse(name))
            assert page.evaluate("document.documentElement.dir") == ("rtl" if language == "ar" else "ltr")
            axe()
            scroll_width = page.evaluate("document.documentElement.scrollWidth")
            assert scroll_width <= width, f"{name} is {scroll_width} px wide on a screen of {width} px"
