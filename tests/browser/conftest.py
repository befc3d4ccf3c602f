"""A real browser for the tests of pages: Debian's Chromium, which complains to the test about whatever goes wrong."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Playwright, Request, Response

HERE = Path(__file__).parent
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the browser's tests last: from the first of them on, an event loop runs in the thread of the tests."""
    items.sort(key=lambda item: item.path.is_relative_to(HERE))


@pytest.fixture(scope="session")
def playwright(playwright: Playwright) -> Iterator[Playwright]:
    """Let tests use the database although Playwright's event loop runs in their thread: nothing here is async."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield playwright


@pytest.fixture(scope="session")
def browser_type_launch_args(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Start the Chromium of `CHROMIUM`, or else Debian's, with a home folder that goes away again."""
    chromium = shutil.which(os.environ.get("CHROMIUM") or "chromium", path=f"{os.environ['PATH']}:/usr/bin")
    if chromium is None:
        pytest.fail("The browser tests need Chromium; get it with: apt-get install chromium", pytrace=False)
    home = str(tmp_path_factory.mktemp("browser-home"))
    return {"executable_path": chromium, "args": FLAGS, "env": {**os.environ, "HOME": home}}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    """A reader in Britain."""
    return {"locale": "en-GB"}


@pytest.fixture
def live_server(transactional_db: None, live_server: Any) -> Any:
    """The product on real HTTP; what a test writes is committed, so the server sees it."""
    return live_server


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained about so far; a test that provokes something on purpose clears the list."""
    return []


@pytest.fixture
def context(context: BrowserContext, complaints: list[str]) -> Iterator[BrowserContext]:
    """A browser window whose complaints fail the test: refused by the policy, script errors, missing files."""
    watch(context, complaints)
    yield context
    assert complaints == []


def watch(context: BrowserContext, complaints: list[str]) -> None:
    """Add whatever a browser window complains about to that list."""

    def on_console(message: ConsoleMessage) -> None:
        # The browser also reports each answer above 399 here; `on_response` knows which of them matter.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            complaints.append(f"console: {message.text}")

    def on_response(response: Response) -> None:
        # A page may well be about an error; the files it loads may not be missing.
        if response.status >= 400 and response.request.resource_type != "document":
            complaints.append(f"answer {response.status}: {response.url}")

    def on_request_failed(request: Request) -> None:
        # Leaving a page aborts what was still loading.
        if request.failure != "net::ERR_ABORTED":
            complaints.append(f"request: {request.url}: {request.failure}")

    context.on("console", on_console)
    context.on("weberror", lambda error: complaints.append(f"script: {error.error}"))
    context.on("response", on_response)
    context.on("requestfailed", on_request_failed)


@pytest.fixture
def axe(page: Page) -> Callable[[], None]:
    """A function that finds accessibility violations on the current page and fails when there are any."""

    checker = Axe()

    def assert_no_violations() -> None:
        if not page.evaluate("'axe' in globalThis"):
            page.evaluate(checker.axe_script)
        # What was found in order stays in the browser: carrying it over takes longer than finding it.
        violations = page.evaluate("axe.run({ resultTypes: ['violations'] }).then((found) => found.violations)")
        assert not violations, AxeResults({"violations": violations, "url": page.url}).generate_report()

    return assert_no_violations
