"""What of a block goes into a public chain: 32 bytes and 40 bytes, all of which is published anyway."""

import hashlib
from typing import NamedTuple

NAME = "luminalearn/ledger"
"""Under which name the account shows size and root of the log it anchored last."""
_SIZE, _ROOT = 8, 32


class Anchored(NamedTuple):
    """The log as a chain knows it: how many entries it had, and the root of its tree then."""

    size: int
    root: bytes


def memo_of(note: str) -> bytes:
    """Return the hash of a block: SHA-256 of the signed checkpoint, byte for byte as it is published."""
    return hashlib.sha256(note.encode()).digest()


def value_of(anchored: Anchored) -> bytes:
    """Return the 40 bytes for a state of the log: its size in eight bytes, the highest first, and its root."""
    return anchored.size.to_bytes(_SIZE, "big") + anchored.root


def anchored_in(value: bytes) -> Anchored:
    """Return the state of the log that such bytes are for.

    Raises:
        ValueError: there are not 40 of them.
    """
    if len(value) != _SIZE + _ROOT:
        raise ValueError(f"{len(value)} bytes where {_SIZE + _ROOT} were expected")
    return Anchored(int.from_bytes(value[:_SIZE], "big"), value[_SIZE:])
