"""The scanner's page: what it says without a camera, on small screens, in Arabic, and how few taps lead through it."""

import re
from time import monotonic

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page, expect

from attendance.models import CheckInAttempt, User
from tests.browser.camera import WALL, Camera
from tests.browser.scanning import (
    ANSWER,
    PATIENCE,
    SCANNER,
    PhoneOf,
    camera,
    film_until_answered,
    heading,
    open_scanner,
    phone_of,
    phones,
)
from tests.browser.test_check_in import PHONE, log_in_from_here, projector, session
from tests.browser.test_walk import people
from tests.cast import Campus

__all__ = ["camera", "people", "phone_of", "phones", "projector", "session"]

TURN_AWAY = """(away) => {
  Object.defineProperty(document, "hidden", { value: away, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
TORCH = """
MediaStreamTrack.prototype.getCapabilities = () => ({ torch: true });
MediaStreamTrack.prototype.applyConstraints = async ({ advanced: [{ torch }] }) => { globalThis.torchIsOn = torch; };
"""


def test_without_permission_the_page_says_so_and_starts_once_it_is_given(
    projector: Page, people: Campus, camera: Camera, phone_of: PhoneOf
) -> None:
    with phone_of(people.amira, permissions=()) as page:
        page.goto(SCANNER)
        expect(page.get_by_role("status")).to_contain_text("The camera is not allowed here.")
        assert Axe().run(page).violations_count == 0
        page.context.grant_permissions(["camera"])
        page.get_by_role("button", name="Turn the camera on").click()
        film_until_answered(camera, projector, page)
        assert heading(page) == "Present"


def test_a_decoder_that_did_not_load_is_asked_for_again(
    people: Campus, phone_of: PhoneOf, complaints: list[str]
) -> None:
    with phone_of(people.amira) as page:
        page.route("**/*.wasm", lambda route: route.abort())
        page.goto(SCANNER)
        expect(page.get_by_role("status")).to_contain_text("The part that reads codes did not load.")
        expect(page.locator("video")).to_be_hidden()
        page.unroute("**/*.wasm")
        complaints.clear()
        page.get_by_role("button", name="Turn the camera on").click()
        expect(page.get_by_role("status")).to_have_text("The camera is on. Hold it at the code.", timeout=30_000)


def test_without_scripts_there_are_words_and_the_typed_code(people: Campus, phone_of: PhoneOf) -> None:
    with phone_of(people.amira, java_script_enabled=False) as page:
        page.goto(SCANNER)
        expect(
            page.get_by_text("If nothing happens, scan with the camera app of your phone, or type the code.")
        ).to_be_visible()
        expect(page.get_by_role("button", name="Turn the camera on")).to_be_hidden()
        page.get_by_role("link", name="Type the code").click()
        expect(page.locator("input[name=code]")).to_be_visible()


def test_while_nobody_looks_the_camera_is_off(people: Campus, phone_of: PhoneOf) -> None:
    with phone_of(people.amira) as page:
        open_scanner(page)
        page.evaluate("globalThis.track = document.querySelector('video').srcObject.getVideoTracks()[0]")
        page.evaluate(TURN_AWAY, True)
        expect(page.locator("video")).to_be_hidden()
        assert page.evaluate("track.readyState") == "ended"
        page.evaluate(TURN_AWAY, False)
        expect(page.locator("video")).to_be_visible()
        expect(page.get_by_role("status")).to_have_text("The camera is on. Hold it at the code.")


def test_who_was_logged_out_meanwhile_logs_in_and_the_scan_counts(
    projector: Page, people: Campus, camera: Camera, phone_of: PhoneOf
) -> None:
    with phone_of(people.amira) as page:
        open_scanner(page)
        page.context.clear_cookies()
        film_until_answered(camera, projector, page, re.compile(r"/login/"))
        expect(page.get_by_text("Log in to finish.")).to_contain_text("Your scan is kept until")
        log_in_from_here(page, people.amira)
        expect(page).to_have_url(ANSWER)
        assert heading(page) == "Present"


def test_the_light_is_offered_where_there_is_one(people: Campus, phone_of: PhoneOf) -> None:
    with phone_of(people.amira) as page:
        open_scanner(page)
        expect(page.get_by_role("button", name="Torch")).to_be_hidden()
        page.add_init_script(TORCH)
        open_scanner(page)
        for pressed in ("true", "false"):
            page.get_by_role("button", name="Torch").press("Enter")
            expect(page.get_by_role("button", name="Torch")).to_have_attribute("aria-pressed", pressed)
            assert page.evaluate("globalThis.torchIsOn") is (pressed == "true")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_it_fits_a_phone_in_both_themes_and_directions(people: Campus, phone_of: PhoneOf, language: str) -> None:
    User.objects.filter(pk=people.amira.pk).update(language=language)
    with phone_of(people.amira) as page:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.goto(SCANNER)
            expect(page.locator("video")).to_be_in_viewport(ratio=1, timeout=30_000)
            expect(page.locator("main").get_by_role("link").first).to_be_in_viewport(ratio=1)
            results = Axe().run(page)
            assert results.violations_count == 0, results.generate_report()
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize(("language", "present"), [("en", "Present"), ("ar", "حاضر")])
def test_two_taps_lead_from_today_to_the_answer(
    projector: Page, people: Campus, camera: Camera, phone_of: PhoneOf, language: str, present: str
) -> None:
    """Status, time and lecture stand on one small screen."""
    User.objects.filter(pk=people.amira.pk).update(language=language)
    with phone_of(people.amira) as page:
        page.goto(reverse("dashboard"))
        page.locator(".stage a[href*=lectures]").click()
        page.locator(f"a[href='{SCANNER}']").click()
        film_until_answered(camera, projector, page)
        assert heading(page) == present
        attempt = CheckInAttempt.objects.get()
        time = f"{attempt.scanned_at.astimezone(people.organisation.zone):%H:%M:%S}"
        for part in (page.get_by_role("heading", level=1), page.get_by_text(time), page.get_by_text("Databases")):
            expect(part.first).to_be_in_viewport(ratio=1)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


# --- Without a network --------------------------------------------------------------------------------------------


def film_until_kept(camera: Camera, projector: Page, page: Page) -> None:
    """Hold the camera at the projector until the phone says that it keeps the scan, and see that one waits."""
    kept, until = page.get_by_text("No network, so your scan is kept in this browser."), monotonic() + PATIENCE
    while not kept.is_visible() and monotonic() < until:
        camera.film(projector)
    expect(kept).to_be_visible()
    expect(page.locator("[data-waiting] li")).to_have_count(1)
    assert not CheckInAttempt.objects.exists()


def test_a_scan_without_a_network_is_kept_and_sent_once_there_is_one(
    projector: Page, people: Campus, camera: Camera, phone_of: PhoneOf
) -> None:
    with phone_of(people.amira) as page:
        open_scanner(page)
        page.context.set_offline(True)
        film_until_kept(camera, projector, page)
        page.context.set_offline(False)
        expect(page.locator("[data-sent] li")).to_have_count(1)
        expect(page.locator("[data-waiting]")).to_be_hidden()
        page.locator("[data-sent] a").click()
        assert heading(page) == "Your scan waits"
    assert CheckInAttempt.objects.get().outcome == CheckInAttempt.Outcome.PENDING


def test_a_network_that_leads_nowhere_is_none(
    projector: Page, people: Campus, camera: Camera, phone_of: PhoneOf, complaints: list[str]
) -> None:
    with phone_of(people.amira) as page:
        open_scanner(page)
        page.route("**/C/*", lambda route: route.abort())
        film_until_kept(camera, projector, page)
        assert len(complaints) == 1 and "net::ERR_FAILED" in complaints.pop()
        camera.show(WALL)
        page.reload()
        expect(page.locator("[data-sent] li")).to_have_count(1)
    assert CheckInAttempt.objects.get().outcome == CheckInAttempt.Outcome.PENDING
