"""The rotating tokens of a session: made from its key and the time, so that nothing is stored per code.

A token is the first 10 bytes of HMAC-SHA-256 (RFC 2104) over label, session and step, in Base32 (RFC 4648): 80 bits
that nobody guesses within the seconds it lives. A typed code has a label of its own, so that one never tells the
other, and 30 bits in Crockford's Base32, which has no I, L, O and U; whoever takes it has to count failures.
"""

import base64
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass

KEY_BYTES = 32
TOKEN_LENGTH = 16
TYPED_LENGTH = 6
TYPED_STEP_SECONDS = 30
TYPED_STEPS = 2

_TOKEN_LABEL = b"LuminaLearn/check-in/token/1\n"
_TYPED_LABEL = b"LuminaLearn/check-in/typed/1\n"
_TOKEN_BYTES = 10
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOK_ALIKES = str.maketrans("OIL", "011")
_LARGEST_SESSION = 2**63 - 1  # What a database has room for.
_CODE = re.compile(rf"([{_DIGITS}]{{1,13}})([A-Z2-7]{{{TOKEN_LENGTH}}})")


@dataclass(frozen=True)
class Code:
    """What a scanned address holds: the number of a session, which is no secret, and a token of it."""

    session: int
    token: str


def step_at(seconds: float, step_seconds: int) -> int:
    """Return the step that a moment lies in, given in seconds since 1970."""
    return int(seconds // step_seconds)


def token_of(key: bytes, session: int, step: int) -> str:
    """Return the token of a session in one step: 16 letters and digits."""
    return base64.b32encode(_digest(key, _TOKEN_LABEL, session, step)[:_TOKEN_BYTES]).decode()


def typed_code_of(key: bytes, session: int, step: int) -> str:
    """Return the code that is typed in one step of `TYPED_STEP_SECONDS`: 6 letters and digits."""
    bits = int.from_bytes(_digest(key, _TYPED_LABEL, session, step)[:4], "big") >> 2
    return "".join(_DIGITS[bits >> 5 * place & 31] for place in reversed(range(TYPED_LENGTH)))


def _digest(key: bytes, label: bytes, session: int, step: int) -> bytes:
    return hmac.digest(key, label + session.to_bytes(8, "big") + step.to_bytes(8, "big"), "sha256")


def step_of_token(key: bytes, session: int, token: str, steps: Iterable[int]) -> int | None:
    """Return the one of these steps to which a token belongs, None when it belongs to none of them."""
    return next((step for step in steps if hmac.compare_digest(token_of(key, session, step), token)), None)


def step_of_typed_code(key: bytes, session: int, typed: str, now: int) -> int | None:
    """Return the step to which a typed code belongs, of the present one and those before it that are accepted."""
    steps = range(now, now - TYPED_STEPS, -1)
    return next((step for step in steps if hmac.compare_digest(typed_code_of(key, session, step), typed)), None)


def written(code: Code) -> str:
    """Return a code as it stands in an address: the session's number, then the token."""
    return _number(code.session) + code.token


def _number(session: int) -> str:
    digits = ""
    while session:
        session, digit = divmod(session, 32)
        digits = _DIGITS[digit] + digits
    return digits or "0"


def read(text: str) -> Code | None:
    """Return the code that a text from an address spells in capitals or small letters; None when it spells none."""
    found = _CODE.fullmatch(text.upper())
    if found is None:
        return None
    session = 0
    for digit in found[1]:
        session = session * 32 + _DIGITS.index(digit)
    return Code(session, found[2]) if session <= _LARGEST_SESSION else None


def typed(text: str) -> str | None:
    """Return the typed code that somebody meant, None when it cannot be one.

    Spaces and dashes are left out, small letters are capitals, and O, I and L are the digits that they look like.
    """
    bare = re.sub(r"[\s-]", "", text).upper().translate(_LOOK_ALIKES)
    return bare if len(bare) == TYPED_LENGTH and set(bare) <= set(_DIGITS) else None
