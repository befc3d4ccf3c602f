"""Tokens and typed codes: made from key and time alone, told apart, and read as people and cameras write them."""

import hashlib
import hmac
from base64 import b32encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance.qr.tokens import (
    TYPED_LENGTH,
    Code,
    read,
    step_at,
    step_of_token,
    step_of_typed_code,
    token_of,
    typed,
    typed_code_of,
    written,
)

keys = st.binary(min_size=32, max_size=32)
sessions = st.integers(0, 2**63 - 1)
steps = st.integers(3, 2**40)
KEY = bytes(range(32))


def test_a_token_is_the_start_of_an_hmac_in_base32() -> None:
    text = b"LuminaLearn/check-in/token/1\n" + (7).to_bytes(8, "big") + (500).to_bytes(8, "big")
    digest = hmac.new(KEY, text, hashlib.sha256).digest()
    assert token_of(KEY, 7, 500) == b32encode(digest[:10]).decode()


@given(keys, sessions, steps)
def test_a_token_belongs_to_its_own_step_session_and_key(key: bytes, session: int, step: int) -> None:
    token = token_of(key, session, step)
    around = range(step + 2, step - 3, -1)
    assert step_of_token(key, session, token, around) == step
    assert step_of_token(key, session, token, [each for each in around if each != step]) is None
    assert step_of_token(key, session ^ 1, token, around) is None
    assert step_of_token(key[::-1] + b"x", session, token, around) is None


@given(keys, sessions, steps)
def test_a_typed_code_is_accepted_in_its_own_step_and_the_next(key: bytes, session: int, step: int) -> None:
    code = typed_code_of(key, session, step)
    answers = [step_of_typed_code(key, session, code, now) for now in (step - 1, step, step + 1, step + 2)]
    assert answers == [None, step, step, None]


@given(keys, sessions, steps)
def test_a_typed_code_reads_well_and_tells_nothing_of_the_token(key: bytes, session: int, step: int) -> None:
    code = typed_code_of(key, session, step)
    assert len(code) == TYPED_LENGTH
    assert not set(code) & set("ILOU")
    assert not token_of(key, session, step).startswith(code)
    spoken = f" {code[:3].lower()}-{code[3:]} ".replace("0", "o").replace("1", "l")
    assert typed(spoken) == code


@pytest.mark.parametrize("text", ["", "K7M4Q", "K7M4QXX", "K7M4QU", "K7M4Q!", "K7M4Qé", "١٢٣٤٥٦"])
def test_what_cannot_be_a_typed_code_is_none(text: str) -> None:
    assert typed(text) is None


@given(keys, sessions, steps)
def test_an_address_is_read_back_in_either_case(key: bytes, session: int, step: int) -> None:
    code = Code(session, token_of(key, session, step))
    assert read(written(code)) == read(written(code).lower()) == code
    assert written(code).isupper() and written(code).isalnum() and written(code).isascii()


@given(st.text(max_size=40))
def test_any_text_is_a_code_or_none(text: str) -> None:
    code = read(text)
    assert code is None or read(written(code)) == code


@pytest.mark.parametrize(
    "text", ["A" * 16, "8" + "A" * 15 + "1", "G000000000000" + "A" * 16, "1" * 40, "7-" + "A" * 16]
)
def test_what_no_session_can_have_is_none(text: str) -> None:
    assert read(text) is None


def test_steps_follow_each_other_every_three_seconds() -> None:
    moments = (0, 2.999, 3, 5.999, 6)
    assert [step_at(moment, 3) for moment in moments] == [0, 0, 1, 1, 2]
