"""What a browser signs when it checks in, so that the same device is known again.

ECDSA over P-256 with SHA-256 as browsers make it (W3C Web Cryptography API, "ECDSA"): a signature is r and s, 32 bytes
each, a key a SubjectPublicKeyInfo in DER (RFC 5480). Both arrive as base64url without padding (RFC 4648, section 5).
"""

import base64
import binascii
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

_LABEL = "LuminaLearn/check-in/device/1"
# What DER says before the 65 bytes of a point on P-256 that is not compressed; so one key has one spelling only.
_BEFORE_POINT = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
_KEY_BYTES = len(_BEFORE_POINT) + 65
_HALF = 32
_WRITTEN = re.compile(r"[A-Za-z0-9_-]{1,200}")


def signed_text(account: int, subject: str) -> bytes:
    """Return what a device signs: for which account, and what for, such as the nonce of a scan."""
    return f"{_LABEL}\n{account}\n{subject}".encode()


def signing_key(device: str, signature: str, text: bytes) -> bytes | None:
    """Return the key in DER by which a text was signed; None when it was not, or one of the two cannot be read."""
    key, halves = _bytes_of(device), _bytes_of(signature)
    if len(key) != _KEY_BYTES or not key.startswith(_BEFORE_POINT) or len(halves) != 2 * _HALF:
        return None
    r, s = (int.from_bytes(half, "big") for half in (halves[:_HALF], halves[_HALF:]))
    try:
        point = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), key[len(_BEFORE_POINT) :])
        point.verify(encode_dss_signature(r, s), text, ECDSA(SHA256()))
    except (ValueError, InvalidSignature):
        return None
    return key


def _bytes_of(written: str) -> bytes:
    """Return what base64url without padding spells, nothing when it spells nothing."""
    if not _WRITTEN.fullmatch(written):
        return b""
    try:
        return base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))
    except binascii.Error:
        return b""
