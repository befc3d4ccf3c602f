"""The devices of a student: the owner's profile, the staff's page, and what a forgotten one may do."""

import pytest
from django.test import Client
from django.urls import reverse

from attendance.models import AttendanceSession, CheckInAttempt, Device
from attendance.queries.claims import unsealed
from attendance.services.attendance_sessions import open_session
from attendance.services.register import Mark, mark_register
from tests.cast import Campus, signed_in
from tests.phones import Phone
from tests.scans import shown, typed_now

SEND = "/check-in/"
CHROME = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Mobile Safari/537.36"


@pytest.fixture
def session(campus: Campus) -> AttendanceSession:
    return open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)


def check_in(browser: Client, student, session: AttendanceSession, phone: Phone):
    """Scan and send as the page's script does."""
    page = browser.get(f"/C/{shown(session)}").content.decode()
    claim = unsealed(browser.cookies["claim"].value)
    assert claim is not None and f'data-account="{student.pk}" data-nonce="{claim.nonce}"' in page
    signature = phone.signature(student, str(claim.nonce))
    return browser.post(SEND, {"device": phone.device, "signature": signature}, headers={"User-Agent": CHROME})


def test_a_signed_scan_binds_its_device_and_a_second_account_is_refused(
    campus: Campus, session: AttendanceSession
) -> None:
    phone = Phone()
    response = check_in(signed_in(campus.amira), campus.amira, session, phone)
    assert response.status_code == 200 and b"a device seen for the first time" in response.content
    response = check_in(signed_in(campus.bilal), campus.bilal, session, phone)
    assert response.status_code == 403
    assert response.context["answer"].sentence == (
        "This device checks somebody else in. Use your own, or ask your teacher. If it is yours now, its former owner"
        " or a teacher can forget it."
    )
    assert b"File a claim" in response.content
    assert b"Amira" not in response.content


def test_a_typed_code_is_signed_under_the_letters_it_means(campus: Campus, session: AttendanceSession) -> None:
    phone, code = Phone(), typed_now(session)
    sent = {"code": code.lower(), "device": phone.device, "signature": phone.signature(campus.amira, code)}
    assert signed_in(campus.amira).post("/C/", sent).status_code == 200
    assert CheckInAttempt.objects.get().device_proof == "new"


def test_the_owner_sees_the_device_and_forgets_it(campus: Campus, session: AttendanceSession) -> None:
    amira, phone = signed_in(campus.amira), Phone()
    check_in(amira, campus.amira, session, phone)
    page = amira.get("/me/").content.decode()
    assert "Chrome, Android" in page and "Forget this device" in page
    device = Device.objects.get()
    response = amira.post(reverse("device_forget", args=[device.pk]), follow=True)
    assert response.redirect_chain == [("/me/", 302)]
    assert b"The next check-in from this device decides whose it is." in response.content
    assert b"No device has checked in yet." in response.content
    assert check_in(signed_in(campus.bilal), campus.bilal, session, phone).status_code == 200
    again = amira.post(reverse("device_forget", args=[device.pk]), follow=True)
    assert b"This device was forgotten already." in again.content


def test_staff_have_no_section_for_devices(campus: Campus) -> None:
    assert b"Devices" not in signed_in(campus.ines).get("/me/").content


def test_the_teacher_of_the_student_forgets_it(campus: Campus, session: AttendanceSession) -> None:
    check_in(signed_in(campus.amira), campus.amira, session, Phone())
    address = reverse("device_list", args=[campus.amira.pk])
    ines = signed_in(campus.ines)
    assert address in ines.get(reverse("student_show", args=[campus.amira.pk])).content.decode()
    assert b"Chrome, Android" in ines.get(address).content
    response = ines.post(reverse("device_forget", args=[Device.objects.get().pk]), follow=True)
    assert response.redirect_chain == [(address, 302)]
    assert Device.objects.get().revoked_at is not None


def test_an_auditor_looks_and_forgets_nothing(campus: Campus, session: AttendanceSession) -> None:
    check_in(signed_in(campus.amira), campus.amira, session, Phone())
    page = signed_in(campus.auditor).get(reverse("device_list", args=[campus.amira.pk])).content
    assert b"Chrome, Android" in page and b"Forget" not in page


def test_the_administration_sees_them_with_the_account(campus: Campus, session: AttendanceSession) -> None:
    check_in(signed_in(campus.amira), campus.amira, session, Phone())
    admin = signed_in(campus.admin)
    assert b"Chrome, Android" in admin.get(reverse("person_show", args=[campus.amira.pk])).content
    assert b"No device has checked in" not in admin.get(reverse("person_show", args=[campus.ines.pk])).content


def test_what_is_stored_counts_them(campus: Campus, session: AttendanceSession) -> None:
    amira = signed_in(campus.amira)
    check_in(amira, campus.amira, session, Phone())
    assert amira.get(reverse("data_show")).context["stored"]["devices"] == 1


def test_the_teacher_sees_whose_device_it_was_until_the_student_is_marked(
    campus: Campus, session: AttendanceSession
) -> None:
    phone, ines = Phone(), signed_in(campus.ines)
    check_in(signed_in(campus.amira), campus.amira, session, phone)
    check_in(signed_in(campus.bilal), campus.bilal, session, phone)
    live = reverse("lecture_live", args=[campus.lecture.pk])
    page = ines.get(live).content.decode()
    assert "Device also used by <bdi>Amira Haddad</bdi>?" in page
    assert reverse("device_list", args=[campus.amira.pk]) in page
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=[Mark(campus.bilal.pk, "present", 0)])
    assert "Device also used by" not in ines.get(live).content.decode()
    assert "Device also used by" not in signed_in(campus.bilal).get(live).content.decode()
