"""A device in life: the browser's own key, made by WebCrypto and kept in its own storage."""

import json
from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from attendance import clock
from attendance.models import Attendance, AttendanceSession, CheckInAttempt, Device, User
from attendance.services.attendance_sessions import open_session
from tests.browser.test_walk import log_in, log_out, people
from tests.cast import Campus
from tests.scans import shown, typed_now

__all__ = ["people"]

REFUSED = "This device checks somebody else in."


@pytest.fixture
def phone(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A student's phone."""
    with browser.new_context(viewport={"width": 360, "height": 740}, locale="en-GB") as context:
        yield context.new_page()


def opened(campus: Campus) -> AttendanceSession:
    """Open check-in of one more lecture, whose codes live long enough for a slow machine."""
    lecture = campus.lecture_at(clock.now())
    session = open_session(lecture=lecture, actor=campus.ines, minutes=15)
    AttendanceSession.objects.filter(pk=session.pk).update(step_seconds=60)
    session.refresh_from_db()
    return session


def scan(phone: Page, live_server: LiveServer, session: AttendanceSession) -> None:
    """Open what the camera found, and wait for the answer."""
    phone.goto(f"{live_server.url}/C/{shown(session)}")
    phone.wait_for_url("**/me/scans/*/")


def last_attempt() -> CheckInAttempt:
    return CheckInAttempt.objects.order_by("-pk")[0]


def key_of(phone: Page) -> str:
    """Try to take the private key out of the browser, and return what it says to that."""
    return phone.evaluate(
        """async () => {
          const { database, done } = await import("/static/attendance/device.js");
          const pair = await done((await database()).transaction("keys").objectStore("keys").get("device"));
          return crypto.subtle.exportKey("pkcs8", pair.privateKey).then(() => "exported", (error) => error.name);
        }"""
    )


def test_a_phone_is_known_the_second_time_and_checks_in_one_account(
    phone: Page, live_server: LiveServer, people: Campus
) -> None:
    log_in(phone, live_server, people.amira)
    scan(phone, live_server, opened(people))
    expect(phone.get_by_text("a device seen for the first time")).to_be_visible()
    expect(phone.get_by_label("3 of 4")).to_be_visible()
    scan(phone, live_server, opened(people))
    expect(phone.get_by_text("a known device")).to_be_visible()
    expect(phone.get_by_label("4 of 4")).to_be_visible()
    assert key_of(phone) == "InvalidAccessError"

    session = opened(people)
    phone.goto(f"{live_server.url}/C/")
    phone.locator("input[name=code]").fill(typed_now(session).lower())
    phone.get_by_role("button", name="Check in").click()
    phone.wait_for_url("**/me/scans/*/")
    assert (last_attempt().assurance, last_attempt().device_proof) == ("typed", "known")

    phone.goto(f"{live_server.url}/me/")
    log_out(phone)
    log_in(phone, live_server, people.bilal)
    session = opened(people)
    scan(phone, live_server, session)
    expect(phone.get_by_role("heading", level=1)).to_have_text("Not checked in")
    expect(phone.get_by_text(REFUSED)).to_be_visible()
    assert not Attendance.objects.filter(student=people.bilal).exists()

    phone.goto(f"{live_server.url}/me/")
    log_out(phone)
    log_in(phone, live_server, people.amira)
    phone.goto(f"{live_server.url}/me/")
    phone.get_by_role("button", name="Forget this device").click()
    expect(phone.get_by_text("No device has checked in yet.")).to_be_visible()
    log_out(phone)
    log_in(phone, live_server, people.bilal)
    scan(phone, live_server, session)
    expect(phone.get_by_role("heading", level=1)).to_have_text("Present")
    assert Device.objects.get(revoked_at__isnull=True).student == people.bilal


def test_a_scan_without_a_network_goes_when_there_is_one_and_with_its_own_account(
    phone: Page, live_server: LiveServer, people: Campus
) -> None:
    def keep(code: str) -> None:
        phone.evaluate(
            "async (code) => { await (await import('/static/attendance/offline.js')).keepScan(code); }", code
        )

    def waiting() -> list[str]:
        codes = phone.evaluate(
            """async () => {
              const { waitingScans } = await import("/static/attendance/offline.js");
              return JSON.stringify((await waitingScans()).map((scan) => scan.code));
            }"""
        )
        return json.loads(codes)

    def as_(student: User) -> None:
        log_in(phone, live_server, student)
        phone.goto(f"{live_server.url}/C/")

    session = opened(people)
    as_(people.amira)
    phone.wait_for_load_state("networkidle")
    phone.context.set_offline(True)
    code = shown(session)
    keep(code)
    assert waiting() == [code]
    phone.context.route("**/check-in/offline/", lambda route: route.abort())
    phone.context.set_offline(False)
    log_out(phone)

    phone.context.unroute("**/check-in/offline/")
    as_(people.bilal)
    phone.wait_for_load_state("networkidle")
    assert waiting() == []
    assert not CheckInAttempt.objects.exists()
    log_out(phone)

    as_(people.amira)
    expect(phone.get_by_text("You scanned without a network.")).to_be_visible()
    assert waiting() == []
    attempt = CheckInAttempt.objects.get()
    assert (attempt.student, attempt.outcome, attempt.device_proof) == (people.amira, "pending", "new")
    assert attempt.said_at is not None and attempt.said_at <= attempt.received_at

    log_out(phone)
    log_in(phone, live_server, people.ines)
    phone.goto(live_server.url + reverse("lecture_live", args=[session.lecture_id]))
    expect(phone.get_by_text("Without a network: the code of")).to_be_visible()
    phone.get_by_role("button", name="Mark present").click()
    assert Attendance.objects.get(student=people.amira).status == "present"
