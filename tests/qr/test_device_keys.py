"""The signature of a device: what fits, and everything that does not."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from attendance.models import User
from attendance.qr.device_keys import signed_text, signing_key
from tests.phones import Phone, written

AMIRA = User(pk=7)
TEXT = signed_text(7, "nonce")

PHONE = Phone()
GOOD = PHONE.signature(AMIRA, "nonce")


def plain(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "==")


def test_a_signature_names_the_key_that_made_it() -> None:
    assert signing_key(PHONE.device, GOOD, TEXT) == plain(PHONE.device)


@pytest.mark.parametrize("text", [signed_text(8, "nonce"), signed_text(7, "another"), b""])
def test_it_is_good_for_one_account_and_one_subject(text: bytes) -> None:
    assert signing_key(PHONE.device, GOOD, text) is None


def test_another_phones_signature_is_none() -> None:
    assert signing_key(Phone().device, GOOD, TEXT) is None


@pytest.mark.parametrize("place", range(0, 64, 7))
def test_a_changed_bit_is_noticed(place: int) -> None:
    changed = bytearray(plain(GOOD))
    changed[place] ^= 1
    assert signing_key(PHONE.device, written(bytes(changed)), TEXT) is None


@pytest.mark.parametrize("place", range(0, 91, 9))
def test_a_changed_key_is_none(place: int) -> None:
    changed = bytearray(plain(PHONE.device))
    changed[place] ^= 1
    assert signing_key(written(bytes(changed)), GOOD, TEXT) is None


def test_a_key_has_one_spelling_only() -> None:
    point = PHONE.key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    other = generate_private_key(SECP384R1()).public_key()
    spellings = [
        point,
        other.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        plain(PHONE.device) + b"\0",
    ]
    assert [signing_key(written(each), GOOD, TEXT) for each in spellings] == [None] * 3
    assert signing_key(PHONE.device + "==", GOOD, TEXT) is None


@given(st.text(max_size=250), st.text(max_size=250))
def test_nonsense_is_no_signature(device: str, signature: str) -> None:
    assert signing_key(device, signature, TEXT) is None
    assert signing_key(PHONE.device, signature, TEXT) is None
    assert signing_key(device, GOOD, TEXT) is None
