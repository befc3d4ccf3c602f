"""Zips as they are made: nothing held back, the same bytes for the same members, and whole for every reader."""

import io
import secrets
from collections.abc import Iterator
from zipfile import ZipFile

from attendance.archives.zips import zipped

CHUNK = 100_000
MEMBERS = [("first.txt", [b"one", b"two"]), ("empty.txt", []), ("ä.txt", [b"x" * 100_000])]


def opened(content: bytes) -> ZipFile:
    return ZipFile(io.BytesIO(content))


def test_what_went_in_comes_out() -> None:
    archive = opened(b"".join(zipped(MEMBERS)))

    assert archive.testzip() is None
    assert {name: archive.read(name) for name in archive.namelist()} == {
        "first.txt": b"onetwo",
        "empty.txt": b"",
        "ä.txt": b"x" * 100_000,
    }


def test_the_same_members_give_the_same_bytes() -> None:
    assert b"".join(zipped(MEMBERS)) == b"".join(zipped(MEMBERS))


def test_the_comment_is_the_end_of_the_file() -> None:
    assert b"".join(zipped(MEMBERS, comment=b"the end")).endswith(b"the end")


def test_nothing_is_held_back() -> None:
    """A member that never ends is sent on while it is made."""
    made = 0

    def endless() -> Iterator[bytes]:
        nonlocal made
        while True:
            made += CHUNK
            yield secrets.token_bytes(CHUNK)  # Nothing of it can be compressed.

    stream, received = zipped([("endless.bin", endless())]), 0
    for _ in range(20):
        received += len(next(stream))
        assert made - received < 3 * CHUNK
    stream.close()
