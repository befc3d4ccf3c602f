"""What binds an event to the log without showing it: a salted hash over its canonical text."""

import hashlib
import secrets
from collections.abc import Mapping

import rfc8785

LABEL = b"luminalearn/event/v1\n"
SALT_BYTES = 32


def canonical_text(event: Mapping[str, str | int | None]) -> str:
    """Return the event as JSON text in the one spelling that RFC 8785 (JSON Canonicalization Scheme) allows."""
    return rfc8785.dumps(dict(event)).decode("utf-8")


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
