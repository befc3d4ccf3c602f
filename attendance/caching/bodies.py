"""Bodies: pages as they are kept, cut at their holes, each part both as text and compressed.

An answer is put together without compressing anything: a gzip member (RFC 1952) is a run of deflate blocks (RFC 1951),
the parts are compressed once, each ending at a whole byte and looking back to nothing before it, and what stands in a
hole goes between them as a block that is stored as it is. A form's token is thus never compressed together with what
the page says, so that the size of an answer tells nothing of it.
"""

import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain, zip_longest

from attendance.caching import holes

_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
"""Deflate, no flags, no time, no extra hint, no system (RFC 1952, 2.3)."""
_LAST_BLOCK = b"\x01\x00\x00\xff\xff"
"""An empty stored block with the mark of the last one (RFC 1951, 3.2.4)."""
_LEVEL = 9


@dataclass(frozen=True)
class Body:
    """A page as it is kept.

    Attributes:
        headers: what the answer says of itself, such as its content type.
        parts: the text between the holes, one more than there are holes.
        packed: each part as whole deflate blocks.
        holes: the names of the holes, in order.
        mark: a digest of headers and parts; pages that differ in anything but their holes have different ones.
    """

    headers: Sequence[tuple[str, str]]
    parts: list[bytes]
    packed: list[bytes]
    holes: list[str]
    mark: str

    def plain(self, values: Mapping[str, bytes]) -> bytes:
        """Return the page with its holes filled."""
        return holes.filled(self.parts, self.holes, values)

    def gzipped(self, plain: bytes, values: Mapping[str, bytes]) -> bytes:
        """Return the same page as a gzip member; `plain` is what `plain` returned for these values."""
        stored = [_stored_block(values[name]) for name in self.holes]
        blocks = chain.from_iterable(zip_longest(self.packed, stored, fillvalue=b""))
        end = struct.pack("<II", zlib.crc32(plain), len(plain) & 0xFFFFFFFF)
        return b"".join([_GZIP_HEAD, *blocks, _LAST_BLOCK, end])


def _stored_block(value: bytes) -> bytes:
    """Return a value of at most 65,535 bytes as a deflate block that holds it as it is (RFC 1951, 3.2.4)."""
    return b"\x00" + struct.pack("<HH", len(value), len(value) ^ 0xFFFF) + value


def made_of(headers: Sequence[tuple[str, str]], parts: list[bytes], names: list[str]) -> Body:
    """Return a page that is to be kept: its parts and the names of the holes between them."""
    mark = sha256(json.dumps([headers, names]).encode() + b"\0".join(parts)).hexdigest()
    return Body(headers, parts, [_packed(part) for part in parts], names, mark)


def _packed(part: bytes) -> bytes:
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return compressor.compress(part) + compressor.flush(zlib.Z_FULL_FLUSH)


def written(body: Body) -> bytes:
    """Return the bytes that are kept: a line of JSON, then all parts, then all of them compressed."""
    head = {
        "headers": body.headers,
        "holes": body.holes,
        "mark": body.mark,
        "parts": [len(part) for part in body.parts],
        "packed": [len(part) for part in body.packed],
    }
    return b"".join([json.dumps(head, separators=(",", ":")).encode(), b"\n", *body.parts, *body.packed])


def read(value: bytes) -> Body:
    """Return the page that `written` wrote; the signature has been checked, so it is one."""
    line, _newline, _rest = value.partition(b"\n")
    head = json.loads(line)
    at = len(line) + 1
    parts, at = _taken(value, at, head["parts"])
    packed, _end = _taken(value, at, head["packed"])
    return Body([(name, text) for name, text in head["headers"]], parts, packed, head["holes"], head["mark"])


def _taken(value: bytes, at: int, lengths: Sequence[int]) -> tuple[list[bytes], int]:
    pieces = []
    for length in lengths:
        pieces.append(value[at : at + length])
        at += length
    return pieces, at
