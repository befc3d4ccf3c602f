"""Taking along what is stored about a person: one's own, and by whoever looks after somebody."""

import io
import logging
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.test import Client
from django.urls import reverse

from attendance import clock
from attendance.models import Organisation, User
from tests.cast import Campus, signed_in
from tests.ledger.stage import log_of_three_blocks

pytestmark = pytest.mark.django_db(transaction=True)


def unpacked(browser: Client, address: str, folder: Path) -> Path:
    """Fetch a zip and unpack it."""
    response = browser.get(address)
    assert response.status_code == 200 and response["Content-Type"] == "application/zip"
    with ZipFile(io.BytesIO(response.getvalue())) as archive:
        archive.extractall(folder)
    return folder


def verified(folder: Path) -> "subprocess.CompletedProcess[str]":
    """Have the receipts of an unpacked zip checked by the program that came with them."""
    command = [sys.executable, "-I", "verify_receipt.py", "receipts.tlog-proof", "--key", "keys.txt"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_ones_own_data_is_a_file_that_is_not_kept(campus: Campus, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "lumina_learn")
    response = signed_in(campus.amira).get("/me/data/download/")
    name = f"data-of-{campus.amira.pk}-{clock.today(campus.organisation.zone)}.zip"
    assert response.streaming and response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert "no-store" in response["Cache-Control"]
    response.getvalue()
    assert f"User {campus.amira.pk} downloads what is stored about user {campus.amira.pk}" in caplog.text


def test_the_receipts_in_it_are_checked_by_what_lies_beside_them(campus: Campus, tmp_path: Path) -> None:
    log_of_three_blocks(campus)
    folder = unpacked(signed_in(campus.amira), "/me/data/download/", tmp_path)
    done = verified(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PROVED: these 3 events were in the log" in done.stdout and "Not checked" not in done.stdout

    receipts = folder / "receipts.tlog-proof"
    receipts.write_bytes(receipts.read_bytes().replace(b"index 0", b"index 1", 1))
    assert verified(folder).returncode == 1


def test_without_anything_sealed_there_is_nothing_to_check(campus: Campus, tmp_path: Path) -> None:
    folder = unpacked(signed_in(campus.outsider), "/me/data/download/", tmp_path)
    assert (folder / "person.json").is_file() and not (folder / "receipts.tlog-proof").exists()


def test_an_administrator_gets_that_of_a_person(campus: Campus, tmp_path: Path) -> None:
    address = reverse("person_data_download", args=[campus.bilal.pk])
    folder = unpacked(signed_in(campus.admin), address, tmp_path)
    assert '"username": "bilal"' in (folder / "person.json").read_text("utf-8")
    assert "0002" in (folder / "enrolments.csv").read_text("utf-8")


def test_an_administrator_of_the_group_gets_it_too_and_nobody_else_does(campus: Campus) -> None:
    address = reverse("person_data_download", args=[campus.bilal.pk])
    for stranger in (campus.bilal, campus.ines, campus.auditor, campus.foreign_admin):
        assert signed_in(stranger).get(address).status_code == 404
    Organisation.objects.filter(pk=campus.organisation.pk).update(parent=campus.foreign_admin.organisation)
    assert signed_in(campus.foreign_admin).get(address).status_code == 200


def test_it_is_in_the_language_of_who_asks(campus: Campus, tmp_path: Path) -> None:
    User.objects.filter(pk=campus.amira.pk).update(language="ar")
    folder = unpacked(signed_in(campus.amira), "/me/data/download/", tmp_path)
    assert "person.json: حسابك." in (folder / "README.txt").read_text("utf-8")


def test_the_pages_lead_to_it(campus: Campus) -> None:
    assert 'href="/me/data/download/"' in signed_in(campus.amira).get("/me/data/").content.decode()
    address = reverse("person_data_download", args=[campus.bilal.pk])
    shown = signed_in(campus.admin).get(reverse("person_show", args=[campus.bilal.pk])).content.decode()
    assert f'href="{address}"' in shown
