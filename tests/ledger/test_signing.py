"""The secret half of a log's key, as its file holds it."""

import pytest

from attendance.ledger.signing import new_signing_key, signing_key_of
from attendance.ledger.verify_receipt import Checkpoint, Unproved, is_signed, opened

NAME = "aldermoor.example/ledger"


def test_a_key_is_itself_again_when_it_is_read() -> None:
    key = new_signing_key(NAME)
    again = signing_key_of(key.text)
    assert (again.public, again.text) == (key.public, key.text)
    assert key.text.startswith(f"PRIVATE+KEY+{NAME}+{key.public.id.hex()}+")


def test_what_it_signs_is_known_by_its_public_half() -> None:
    key, checkpoint = new_signing_key(NAME), Checkpoint(NAME, 3, bytes(32))
    assert opened(key.sealed(checkpoint), key.public) == checkpoint
    assert is_signed(key.public.public, b"text", key.sign("text"))


@pytest.mark.parametrize("name", ["", "with space", "plus+plus", "ümlaut"])
def test_a_name_that_a_log_cannot_have_is_refused(name: str) -> None:
    with pytest.raises(Unproved):
        new_signing_key(name)


def test_a_damaged_key_is_refused() -> None:
    text = new_signing_key(NAME).text
    for damaged in ("", text[:-1], text.replace(NAME, "other"), text.lower(), text.removeprefix("PRIVATE+")):
        with pytest.raises(Unproved):
            signing_key_of(damaged)
