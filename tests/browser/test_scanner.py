"""Scanning in the page: a camera films the live projector over many codes, both decoders read it, refusals say why."""

import re
from base64 import b64decode
from io import BytesIO

from django.urls import reverse
from PIL import Image
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from attendance.models import AttendanceSession, CheckInAttempt
from attendance.qr.image import drawing_of
from attendance.services.attendance_sessions import open_session
from tests.browser.camera import SIZE, WALL, Camera
from tests.browser.scanning import (
    ANSWER,
    PhoneOf,
    camera,
    film_until_answered,
    heading,
    next_code,
    open_scanner,
    phone_of,
    phones,
    sentence,
)
from tests.browser.test_check_in import projector, session, student_of
from tests.browser.test_walk import people
from tests.cast import Campus, enrol
from tests.qr.decoder import picture_of, texts_in
from tests.scans import shown, typed_now

__all__ = ["camera", "people", "phone_of", "phones", "projector", "session"]

DETECTOR = """
globalThis.BarcodeDetector = class {
  static async getSupportedFormats() { return ["qr_code"]; }
  async detect(seen) {
    const canvas = new OffscreenCanvas(seen.videoWidth, seen.videoHeight);
    canvas.getContext("2d").drawImage(seen, 0, 0);
    const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/jpeg" })).arrayBuffer());
    const texts = await decodeElsewhere(btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")));
    return texts.map((rawValue) => ({ rawValue }));
  }
};
"""


def code_of(session: AttendanceSession, host: str) -> Image.Image:
    """The picture of a session's present code at some host, as a camera sees it."""
    return seen(f"HTTP://{host}/C/{shown(session)}")


def seen(text: str) -> Image.Image:
    """The picture of any code, before a wall."""
    picture = WALL.copy()
    picture.paste(picture_of(drawing_of(text), 8), (SIZE[0] // 3, SIZE[1] // 5))
    return picture


# --- Checking in --------------------------------------------------------------------------------------------------


def test_each_student_scans_another_code_and_an_old_photo_is_refused(
    projector: Page, people: Campus, camera: Camera, phone_of: PhoneOf, live_server: LiveServer
) -> None:
    """Codes of 3 seconds that live 9, and the decoder of our own, as on an iPhone."""
    addresses: list[str] = []
    old_photo = camera.film(projector)
    for number in range(5):
        with phone_of(student_of(people, number)) as page:
            page.context.on("request", lambda request: addresses.append(request.url))
            open_scanner(page)
            film_until_answered(camera, projector, page)
            assert heading(page) == "Present"
            expect(page.locator("main")).to_contain_text("Databases CS 204")
        next_code(projector)
    expect(projector.locator(".counter")).to_contain_text("5 of 7 checked in", timeout=10_000)

    with phone_of(people.amira) as page:
        open_scanner(page)
        camera.show(old_photo)
        expect(page).to_have_url(ANSWER, timeout=30_000)
        assert heading(page) == "Not checked in"
        assert re.fullmatch(
            r"This code is \d+ seconds old. Codes live 9 seconds. Point the camera at the projector again.",
            sentence(page),
        )

    scans = CheckInAttempt.objects.filter(outcome="checked_in")
    assert len({scan.code_made_at for scan in scans}) == 5
    assert {scan.assurance for scan in scans} == {CheckInAttempt.Assurance.LIVE}
    assert any(address.endswith(".wasm") for address in addresses)
    assert {address for address in addresses if not address.startswith(f"{live_server.url}/")} == set()


def test_a_browser_that_reads_codes_itself_needs_no_decoder_of_ours(
    projector: Page, people: Campus, session: AttendanceSession, camera: Camera, phone_of: PhoneOf
) -> None:
    """A code a second, and the browser's part played by an independent decoder."""
    AttendanceSession.objects.update(step_seconds=1, accepted_steps=9)
    projector.reload()
    addresses: list[str] = []
    for number in range(6):
        with phone_of(student_of(people, number)) as page:
            page.context.on("request", lambda request: addresses.append(request.url))
            page.context.expose_function("decodeElsewhere", texts_in_bytes)
            page.context.add_init_script(DETECTOR)
            open_scanner(page)
            film_until_answered(camera, projector, page)
            assert heading(page) == "Present"
        next_code(projector)
    assert len(set(CheckInAttempt.objects.filter(outcome="checked_in").values_list("code_made_at"))) == 6
    assert [address for address in addresses if "zxing" in address] == []


def texts_in_bytes(picture: str) -> list[str]:
    """Read the codes in a picture whose bytes are given in Base64."""
    return texts_in(Image.open(BytesIO(b64decode(picture))))


def test_scanning_goes_on_after_codes_that_are_not_ours(
    projector: Page, people: Campus, session: AttendanceSession, camera: Camera, phone_of: PhoneOf
) -> None:
    with phone_of(people.amira) as page:
        open_scanner(page)
        status = page.get_by_role("status")
        for text in ("WIFI:T:WPA;S:CAMPUS;P:SECRET;;", "https://menu.example/today", "HTTPS://BRACKLEY.EDU/C/"):
            camera.show(seen(text))
            expect(status).to_contain_text("This is no check-in code.", timeout=15_000)
            camera.show(code_of(session, "ATT.BRACKLEY.EDU"))
            expect(status).to_contain_text("This code belongs to att.brackley.edu, and you are logged in at localhost")
        assert not CheckInAttempt.objects.exists()
        film_until_answered(camera, projector, page)
        assert heading(page) == "Present"


# --- Refusals -----------------------------------------------------------------------------------------------------


def test_the_neighbours_code_names_both_lectures(
    people: Campus, session: AttendanceSession, camera: Camera, phone_of: PhoneOf, live_server: LiveServer
) -> None:
    neighbour = neighbouring_session(people)
    with phone_of(people.amira) as page:
        open_scanner(page)
        camera.show(code_of(neighbour, host_of(live_server)))
        expect(page).to_have_url(ANSWER, timeout=30_000)
        assert heading(page) == "Not checked in"
        assert sentence(page) == "This is Statistics in Hall C-3, yours is Databases in Hall B-12."


def host_of(server: LiveServer) -> str:
    return server.url.removeprefix("http://")


def neighbouring_session(campus: Campus) -> AttendanceSession:
    """Check-in in the hall next door, to which Amira does not belong."""
    course = type(campus.course).objects.create(
        organisation=campus.organisation, department=campus.department, code="MA 118", title="Statistics"
    )
    offering = type(campus.offering).objects.create(organisation=campus.organisation, course=course, term=campus.term)
    room = type(campus.room).objects.create(organisation=campus.organisation, name="Hall C-3", capacity=80)
    lecture = type(campus.lecture).objects.create(
        organisation=campus.organisation,
        offering=offering,
        room=room,
        starts_at=campus.lecture.starts_at,
        ends_at=campus.lecture.ends_at,
    )
    enrol(offering, campus.outsider, "0001")
    return open_session(lecture=lecture, actor=campus.admin, minutes=15)


def test_a_scan_sent_again_is_the_same_and_a_copy_of_it_is_refused(
    projector: Page, people: Campus, camera: Camera, phone_of: PhoneOf, live_server: LiveServer
) -> None:
    with phone_of(people.amira) as page:
        open_scanner(page)
        film_until_answered(camera, projector, page)
        receipt, text = page.url, page.locator("main").inner_text()
        for _time in range(2):
            page.goto("/check-in/")
            expect(page).to_have_url(receipt)
            assert page.locator("main").inner_text() == text
        [claim] = [each for each in page.context.cookies(f"{live_server.url}/check-in/") if each["name"] == "claim"]
    with phone_of(people.bilal) as page:
        page.context.add_cookies([claim])  # type: ignore[list-item]
        page.goto("/check-in/")
        expect(page).to_have_url(ANSWER)
        assert heading(page) == "Not checked in"
        assert sentence(page) == (
            "Another account has sent this scan already. Scan the code on the projector yourself."
        )
    assert list(CheckInAttempt.objects.order_by("pk").values_list("student__username", "outcome")) == [
        ("amira", "checked_in"),
        ("bilal", "other_account"),
    ]


def test_guessing_typed_codes_ends_and_scanning_still_works(
    projector: Page, people: Campus, session: AttendanceSession, camera: Camera, phone_of: PhoneOf
) -> None:
    with phone_of(people.amira) as page:
        page.goto(reverse("check_in_type"))
        for _guess in range(5):
            type_code(page, "000 000")
            expect(page.locator("main")).to_contain_text("That code is not on the projector now.")
        for code in ("000 000", typed_now(session)):
            type_code(page, code)
            expect(page.locator("main")).to_contain_text(
                "Too many codes were wrong. Scan the code on the projector, or ask your teacher."
            )
        open_scanner(page)
        film_until_answered(camera, projector, page)
        assert heading(page) == "Present"


def type_code(page: Page, code: str) -> None:
    page.locator("input[name=code]").fill(code)
    with page.expect_event("load"):  # The page signs first, and only then sends; its answer may say the same as before.
        page.locator("main button[type=submit]").click()
