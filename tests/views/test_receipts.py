"""Receipts: who gets which, that strangers can check them, and the page that does."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from attendance.ledger import verify_receipt
from attendance.ledger.signing import new_signing_key
from attendance.ledger.verify_receipt import receipts_in
from attendance.services.ledger_keys import DEVELOPMENT_NAME, signing_key
from attendance.services.sealing import seal
from attendance.views.forms.receipts import MOST_BYTES
from tests.cast import Campus, signed_in
from tests.commands.test_verify_ledger import rewrite
from tests.ledger.receipts import SignedLog
from tests.ledger.stage import erase, log_of_three_blocks, mark, sealed_block

CHECK = "/blockchain/check/"


def receipt(campus: Campus, index: int = 0) -> bytes:
    answer = signed_in(campus.amira).get(reverse("receipt_download", args=[index]))
    assert answer["Content-Disposition"] == f'attachment; filename="receipt-{index}.tlog-proof"'
    return answer.content


def checked(text: bytes | str, status: int = 200) -> str:
    answer = Client().post(CHECK, {"pasted": text.decode() if isinstance(text, bytes) else text})
    assert answer.status_code == status
    return answer.content.decode()


def test_a_downloaded_receipt_is_proved_by_the_downloaded_program(campus: Campus, tmp_path: Path) -> None:
    log_of_three_blocks(campus)
    (tmp_path / "receipt").write_bytes(receipt(campus))
    (tmp_path / "verify.py").write_bytes(Client().get(reverse("verifier_download")).content)
    (tmp_path / "key").write_bytes(Client().get(reverse("ledger_keys")).content)
    command = [sys.executable, "-I", "verify.py", "receipt", "--key", "key"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"student {campus.amira.pk}, to present" in done.stdout and "Not checked" not in done.stdout


def test_the_receipts_of_a_term_are_all_that_is_sealed_of_the_student(campus: Campus, tmp_path: Path) -> None:
    log_of_three_blocks(campus)
    mark(campus, campus.amira)
    answer = signed_in(campus.amira).get(reverse("term_receipt_download", args=[campus.term.pk]))
    found = receipts_in(answer.content.decode())
    assert [each.entry for each in found] == [0, 2, 4]
    assert f'"student":{campus.amira.pk}' in found[0].body and len({each.note for each in found}) == 1
    shutil.copy(verify_receipt.__file__, tmp_path)
    (tmp_path / "receipts").write_bytes(answer.content)
    assert subprocess.run([sys.executable, "-I", "verify_receipt.py", "receipts"], cwd=tmp_path).returncode == 0


def test_many_receipts_need_no_more_queries_than_one(
    campus: Campus, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    log_of_three_blocks(campus)
    browser, address = signed_in(campus.amira), reverse("term_receipt_download", args=[campus.term.pk])
    with CaptureQueriesContext(connection) as few:
        browser.get(address)
    for _time in range(20):
        sealed_block(campus, campus.amira, campus.bilal)
    with django_assert_num_queries(len(few)):
        assert len(receipts_in(browser.get(address).content.decode())) == 23


def test_before_anything_is_sealed_there_is_no_receipt(campus: Campus) -> None:
    mark(campus, campus.amira)
    address = reverse("term_receipt_download", args=[campus.term.pk])
    assert signed_in(campus.amira).get(address).status_code == 404
    assert address not in signed_in(campus.amira).get(reverse("record_show")).content.decode()
    log_of_three_blocks(campus)
    assert address in signed_in(campus.amira).get(reverse("record_show")).content.decode()


def test_a_receipt_from_before_an_erasure_holds(campus: Campus, tmp_path: Path) -> None:
    log_of_three_blocks(campus)
    term = reverse("term_receipt_download", args=[campus.term.pk])
    kept = receipt(campus) + signed_in(campus.amira).get(term).content
    theirs = receipts_in(signed_in(campus.bilal).get(term).content.decode())
    erase(campus, campus.amira)
    assert signed_in(campus.amira).get(term).status_code == 404
    assert term not in signed_in(campus.amira).get(reverse("record_show")).content.decode()
    block = sealed_block(campus, campus.amira)
    assert [each.entry for each in receipts_in(signed_in(campus.amira).get(term).content.decode())] == [7]
    assert "Proved: 4 events are in the log" in checked(kept)
    assert [each.body for each in receipts_in(signed_in(campus.bilal).get(term).content.decode())] == [
        each.body for each in theirs
    ]
    (tmp_path / "receipts").write_bytes(kept)
    (tmp_path / "key").write_text(block.key.text)
    shutil.copy(verify_receipt.__file__, tmp_path)
    command = [sys.executable, "-I", "verify_receipt.py", "receipts", "--key", "key"]
    assert subprocess.run(command, cwd=tmp_path).returncode == 0


def test_the_receipt_of_an_erasure_tells_whom_it_was_about_by_number(campus: Campus) -> None:
    sealed_block(campus, campus.amira)
    erase(campus, campus.amira)
    assert seal() is not None
    answer = signed_in(campus.admin).get(reverse("receipt_download", args=[1]))
    shown = checked(answer.content)
    assert f"person {campus.amira.pk}" in shown and "what person_erased" in shown and "Haddad" not in shown


# --- The page that checks ---------------------------------------------------------------------------------------------


def test_a_receipt_is_proved_as_text_and_as_a_file(campus: Campus) -> None:
    log_of_three_blocks(campus)
    text = receipt(campus)
    for shown in (checked(text), checked(text.replace(b"\n", b"\r\n")), checked(text.strip())):
        assert "Proved: 1 event is in the log" in shown and "Entry 0" in shown
    file = SimpleUploadedFile("receipt.tlog-proof", text)
    assert "Proved" in Client().post(CHECK, {"file": file}).content.decode()


def test_a_changed_receipt_is_not_proved(campus: Campus) -> None:
    log_of_three_blocks(campus)
    shown = checked(receipt(campus).replace(b"index 0", b"index 1"), 400)
    assert "Proved" not in shown and "the event or its path was changed" in shown


def test_a_receipt_of_another_log_is_none_of_ours(campus: Campus) -> None:
    log_of_three_blocks(campus)
    other = SignedLog(3, new_signing_key(DEVELOPMENT_NAME))
    assert "a key that is none of this log" in checked(other.receipt(1, 3).text, 400)


@pytest.mark.django_db(transaction=True)
def test_a_sound_receipt_shows_that_the_log_was_rewritten(campus: Campus) -> None:
    log_of_three_blocks(campus)
    text = receipt(campus)
    rewrite(signing_key())
    assert "it was rewritten" in checked(text, 400)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({}, "Choose the file of a receipt"),
        ({"pasted": "hello"}, "does not begin as one"),
        ({"file": b"\xff\xfe"}, "That is no text"),
        ({"file": b"x" * (MOST_BYTES + 1)}, "more than 500 kB"),
    ],
)
@pytest.mark.django_db
def test_what_is_no_receipt_is_named(data: dict[str, str | bytes], why: str) -> None:
    sent = {name: SimpleUploadedFile("r", each) if isinstance(each, bytes) else each for name, each in data.items()}
    answer = Client().post(CHECK, sent)
    assert answer.status_code == 400 and why in answer.content.decode()
