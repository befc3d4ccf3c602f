"""Signatures of what lies in Redis: only what this installation wrote with this very code is believed.

A value that somebody planted, cut off or wrote with another SECRET_KEY has no valid signature, and counts as missing.
"""

import hmac
from functools import lru_cache
from hashlib import sha256

from django.conf import settings

LENGTH = 32
"""Bytes of a signature."""
_PURPOSE = b"attendance.caching.signing"


@lru_cache(maxsize=4)
def _key(secret: str) -> bytes:
    """Return a key for this purpose alone, so that a signature is of no use elsewhere."""
    return hmac.digest(secret.encode(), _PURPOSE, "sha256")


def signature(name: str, content: bytes) -> bytes:
    """Return the HMAC-SHA-256 (RFC 2104) of a content under its name; a content moved to another name has another."""
    return hmac.digest(_key(settings.SECRET_KEY), sha256(name.encode()).digest() + content, "sha256")


def is_signed(name: str, content: bytes, signed: bytes) -> bool:
    """Say whether that signature is the one of the content, in a time that tells nothing of either."""
    return hmac.compare_digest(signature(name, content), signed)
