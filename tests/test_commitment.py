"""The canonical text of an event, held against the RFC's own library; and what a commitment binds."""

import hashlib

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from attendance.ledger.commitment import LABEL, LARGEST_INTEGER, canonical_text, commitment, new_salt

NAMES = st.text(st.characters(max_codepoint=127))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
INTEGERS = st.integers(-LARGEST_INTEGER, LARGEST_INTEGER)
EVENTS = st.dictionaries(NAMES, st.one_of(TEXTS, INTEGERS, st.none()))


@given(EVENTS)
def test_the_text_is_the_librarys_whatever_is_in_it(event: dict[str, str | int | None]) -> None:
    assert canonical_text(event) == rfc8785.dumps(event).decode("utf-8")


@pytest.mark.parametrize("character", [chr(number) for number in (*range(0x20), 0x22, 0x5C, 0x7F, 0x2028, 0x1F600)])
def test_every_character_with_a_spelling_of_its_own_is_spelled_so(character: str) -> None:
    assert canonical_text({"why": character}) == rfc8785.dumps({"why": character}).decode("utf-8")


@pytest.mark.parametrize("number", [0, -1, LARGEST_INTEGER, -LARGEST_INTEGER])
def test_integers_that_every_reader_holds_are_written_out(number: int) -> None:
    assert canonical_text({"n": number}) == f'{{"n":{number}}}'


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ({"größe": 1}, "ASCII"),
        ({"n": LARGEST_INTEGER + 1}, "integer"),
        ({"n": -LARGEST_INTEGER - 1}, "integer"),
        ({"why": "\ud800"}, "surrogate"),
    ],
)
def test_what_the_standard_cannot_spell_alike_everywhere_is_refused(event: dict[str, str | int], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        canonical_text(event)


def test_a_commitment_is_the_hash_over_label_salt_and_text() -> None:
    salt = new_salt()
    assert commitment("{}", salt) == hashlib.sha256(LABEL + salt + b"{}").digest()
    with pytest.raises(ValueError, match="32 bytes"):
        commitment("{}", salt[:-1])
