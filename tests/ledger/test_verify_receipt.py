"""Receipts and their verifier, run as a stranger runs it: one file, nothing but Python, files on a disk."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from attendance.ledger import verify_receipt
from attendance.ledger.signing import new_signing_key
from attendance.ledger.verify_receipt import Unproved, check, is_signed, key_of, opened, receipt_of
from tests.ledger.receipts import NAME, SignedLog

LOG = SignedLog(11)
RECEIPT = LOG.receipt(4, 11).text


def run(folder: Path, **files: str) -> tuple[int, str]:
    """Run the verifier in a folder of its own with the files written there; `receipt` is the one it checks."""
    program = shutil.copy(verify_receipt.__file__, folder)
    options: list[str] = []
    for name, text in files.items():
        (folder / name).write_bytes(text.encode())
        options += [name] if name == "receipt" else [f"--{name}", name]
    # -I: no other module than the standard library's can be found.
    done = subprocess.run([sys.executable, "-I", program, *options], cwd=folder, capture_output=True, text=True)
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_a_receipt_is_proved_by_nothing_but_python(tmp_path: Path) -> None:
    status, said = run(tmp_path, receipt=RECEIPT)
    assert status == 0
    assert f"Entry 4 of {NAME}: what marked, student 4, to present" in said
    assert "PROVED: this event was in the log, word for word, when it had 11 entries" in said
    assert f"  {LOG.key.public.text}" in said and "Not checked: that this is the institution's key" in said


def test_a_key_that_was_got_elsewhere_is_held_against_it(tmp_path: Path) -> None:
    status, said = run(tmp_path, receipt=RECEIPT, key=LOG.key.public.text + "\n")
    assert status == 0 and "Not checked" not in said
    other = new_signing_key(NAME)
    status, said = run(tmp_path, receipt=RECEIPT, key=other.public.text)
    assert status == 1 and "not by the key you named" in said


def test_several_receipts_are_one_file(tmp_path: Path) -> None:
    term = "".join(LOG.receipt(index, 11).text for index in (2, 3, 5))
    status, said = run(tmp_path, receipt=term)
    assert status == 0 and "these 3 events" in said
    assert run(tmp_path, receipt=term.replace("index 3", "index 4"))[0] == 1


@pytest.mark.parametrize("size", [5, 8, 11])
def test_a_receipt_is_held_against_another_checkpoint(tmp_path: Path, size: int) -> None:
    receipt, files = LOG.receipt(4, 8).text, {"checkpoint": LOG.note(size)}
    if size != 8:
        status, said = run(tmp_path, receipt=receipt, **files)
        between = sorted([size, 8])
        assert status == 1 and f"/blockchain/consistency/{between[0]}/{between[1]}/" in said
        files["consistency"] = LOG.consistency(*between).text
    status, said = run(tmp_path, receipt=receipt, **files)
    assert status == 0 and "nothing between the two was rewritten" in said


@pytest.mark.parametrize("size", [5, 8, 11])
def test_a_rewritten_log_does_not_hold_against_an_old_receipt(tmp_path: Path, size: int) -> None:
    """The institution itself rewrites everything from entry 3 on, and signs it with its own key."""
    rewritten = SignedLog(11, LOG.key)
    old, new = sorted([size, 8])
    files = {"checkpoint": rewritten.note(size), "consistency": rewritten.consistency(old, new).text}
    status, said = run(tmp_path, receipt=LOG.receipt(4, 8).text, **files)
    assert status == 1 and "rewritten" in said


def test_every_byte_counts() -> None:
    """Of a receipt no byte can be another one: in each a bit is turned around, always another one."""
    assert check(receipt_of(RECEIPT)).size == 11
    data = RECEIPT.encode()
    unnoticed = []
    for place in range(len(data)):
        changed = data[:place] + bytes([data[place] ^ 1 << place % 7]) + data[place + 1 :]
        try:
            check(receipt_of(changed.decode()))
        except (Unproved, UnicodeDecodeError):
            continue
        unnoticed.append(place)
    assert unnoticed == []


@given(st.data())
def test_nothing_can_be_left_out_doubled_or_swapped(data: st.DataObject) -> None:
    lines = RECEIPT.split("\n")
    one, other = data.draw(st.integers(0, len(lines) - 1)), data.draw(st.integers(0, len(lines) - 1))
    swapped = [*lines]
    swapped[one], swapped[other] = lines[other], lines[one]
    for changed in (lines[:one] + lines[one + 1 :], [*lines[:one], lines[one], *lines[one:]], swapped):
        if changed != lines:
            with pytest.raises(Unproved):
                check(receipt_of("\n".join(changed)))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "does not begin as one"),
        ("hello\n\n", "does not begin as one"),
        (RECEIPT.replace("\n", "\r\n"), "does not begin as one"),
        (RECEIPT.replace("index 4", "index 04"), "index is not a number"),
        (RECEIPT.replace("index 4", "index 11"), "behind the end"),
        (RECEIPT.replace(f"\n11\n{RECEIPT.split(chr(10))[-4]}", "\n12\nAAAA"), "root of the log has 3 bytes"),
        (RECEIPT.replace("— ", "- "), "not written as one"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, why: str) -> None:
    status, said = run(tmp_path, receipt=text)
    assert status == 1 and said.startswith("NOT PROVED. ") and why in said


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    program = shutil.copy(verify_receipt.__file__, tmp_path)
    done = subprocess.run([sys.executable, "-I", program, "none.txt"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1 and "none.txt" in done.stdout


# --- Keys and signatures ----------------------------------------------------------------------------------------------

# RFC 8032, section 7.1: secret key, public key, message, signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
]


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_signatures_of_the_standard_are_known(public: str, message: str, signature: str) -> None:
    assert is_signed(bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature))
    assert not is_signed(bytes.fromhex(public), bytes.fromhex(message) + b"!", bytes.fromhex(signature))


@given(st.binary(max_size=80), st.integers(0, 95), st.integers(0, 7))
def test_signatures_are_judged_as_another_library_does(message: bytes, place: int, bit: int) -> None:
    secret = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public, signature = secret.public_key().public_bytes_raw(), secret.sign(message)
    assert is_signed(public, message, signature)
    both = bytearray(public + signature)
    both[place] ^= 1 << bit
    changed, of = bytes(both[32:]), bytes(both[:32])
    try:
        Ed25519PublicKey.from_public_bytes(of).verify(changed, message)
        other = True
    except (InvalidSignature, ValueError):
        other = False
    assert is_signed(of, message, changed) is other is False


@pytest.mark.parametrize("signature", [b"", bytes(63), bytes(64), bytes(65), b"\xff" * 64])
def test_what_is_no_signature_is_none(signature: bytes) -> None:
    assert not is_signed(LOG.key.public.public, b"", signature)
    assert not is_signed(b"\xff" * 32, b"", signature)
    assert not is_signed(b"\x01" + bytes(30) + b"\x80", b"", signature)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+00000000+AQ==",
        "na me+00000000+" + LOG.key.public.text.rpartition("+")[2],
        LOG.key.public.text.replace(NAME, "other.example/ledger"),
        LOG.key.public.text.upper(),
        LOG.key.public.text + "=",
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(Unproved):
        key_of(text)


def test_a_checkpoint_of_another_log_is_none_of_ours() -> None:
    other = new_signing_key("other.example/ledger")
    with pytest.raises(Unproved, match=r"of the log aldermoor\.example/ledger"):
        opened(LOG.note(3), other.public)


def test_signatures_of_others_beside_ours_are_passed_over() -> None:
    witness = LOG.key.public._replace(name="witness.example")
    line = LOG.note(3).rpartition("\n\n")[2].replace(NAME, witness.name)
    assert opened(LOG.note(3) + line, LOG.key.public).size == 3
