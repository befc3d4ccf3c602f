"""What binds an event to the log without showing it: a salted hash over its canonical text."""

import hashlib
import json
import secrets
from collections.abc import Mapping

LABEL = b"luminalearn/event/v1\n"
SALT_BYTES = 32
LARGEST_INTEGER = 2**53 - 1
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def canonical_text(event: Mapping[str, str | int | None]) -> str:
    """Return the event as JSON text in the one spelling that RFC 8785 (JSON Canonicalization Scheme) allows.

    What is flat, with ASCII names, is spelled by the standard library's encoder as section 3.2 of the RFC asks: names
    sorted (3.2.3), no space (3.2.1), only those characters escaped that have to be (3.2.2.2). The tests hold it against
    the RFC's own library, which takes five times as long.

    Raises:
        ValueError: a name that is not ASCII, an integer that not every JSON reader can hold (section 3.2.2.3 and RFC
            7493: beyond 2^53 - 1), or half of a surrogate pair.
    """
    if not "".join(event).isascii():
        raise ValueError("the names of an event are ASCII")
    for value in event.values():
        if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
            raise ValueError(f"an event has no integer beyond {LARGEST_INTEGER}")
    text = _encode(event)
    text.encode("utf-8")
    return text


def new_salt() -> bytes:
    """Return 32 random bytes, so that a commitment gives away nothing that could be guessed and tried."""
    return secrets.token_bytes(SALT_BYTES)


def commitment(body: str, salt: bytes) -> bytes:
    """Return SHA-256(label ‖ salt ‖ body), 32 bytes.

    Raises:
        ValueError: the salt does not have 32 bytes, so label, salt and body could be cut apart in another way.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes, not {len(salt)}")
    return hashlib.sha256(LABEL + salt + body.encode("utf-8")).digest()
