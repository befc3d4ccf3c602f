"""Phones whose camera films the projector, for the tests of scanning."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from time import monotonic
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect
from pytest_django.live_server_helper import LiveServer

from attendance.models import User
from tests.browser import enter
from tests.browser.camera import WALL, Camera
from tests.browser.conftest import watch
from tests.browser.test_check_in import PHONE

SCANNER = "/check-in/scan/"
ANSWER = re.compile(r"/me/scans/\d+/$")
PATIENCE = 60

PhoneOf = Callable[..., AbstractContextManager[Page]]


@pytest.fixture(scope="session")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Camera:
    return Camera(tmp_path_factory.mktemp("camera") / "film.y4m")


@pytest.fixture(scope="session")
def phones(playwright: Playwright, browser_type_launch_args: dict[str, Any], camera: Camera) -> Iterator[Browser]:
    """Another browser, which has a camera."""
    arguments = {**browser_type_launch_args, "args": [*browser_type_launch_args["args"], *camera.flags]}
    browser = playwright.chromium.launch(**arguments)
    yield browser
    browser.close()


@pytest.fixture
def phone_of(phones: Browser, live_server: LiveServer, camera: Camera, complaints: list[str]) -> Iterator[PhoneOf]:
    """A function that lends a phone on which a student is logged in and may use the camera; it films a bare wall."""

    @contextmanager
    def phone_of(student: User, permissions: tuple[str, ...] = ("camera",), **options: Any) -> Iterator[Page]:
        camera.show(WALL)
        options = {"viewport": PHONE, "locale": "en-GB", "base_url": live_server.url, **options}
        with phones.new_context(permissions=[*permissions], **options) as context:
            enter(context, live_server, student)
            watch(context, complaints)
            yield context.new_page()

    yield phone_of
    assert complaints == []


def open_scanner(page: Page) -> None:
    """Open the scanner and wait until it looks."""
    page.goto(SCANNER)
    expect(page.get_by_role("status")).to_have_text("The camera is on. Hold it at the code.", timeout=30_000)


def film_until_answered(camera: Camera, projector: Page, page: Page, answer: re.Pattern[str] = ANSWER) -> None:
    """Hold the camera at the live projector until the phone shows what became of the scan, or another answer."""
    until = monotonic() + PATIENCE
    while not answer.search(page.url) and monotonic() < until:
        camera.film(projector)
    expect(page).to_have_url(answer)


def heading(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def sentence(page: Page) -> str:
    """Why a scan was refused, as the student reads it."""
    return page.get_by_role("status").inner_text()


def next_code(projector: Page) -> None:
    """Wait until the projector shows another code."""
    picture = projector.locator(".qr path")
    expect(picture).not_to_have_attribute("d", picture.get_attribute("d") or "")
