"""Zip files that are written as they are made: nothing is held back but what was not compressed yet.

The form is that of PKWARE's APPNOTE 6.3 with ZIP64. Times and modes inside are always the same, so the same members
give the same bytes.
"""

import io
from collections.abc import Iterable, Iterator
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The first moment that the format can say."""
_REGULAR_FILE = 0o100644 << 16

Member = tuple[str, Iterable[bytes]]
"""The name of a file inside, and what is in it."""


class _Outlet(io.RawIOBase):
    """What a zip is written to: keeps the bytes until they are fetched. It cannot seek, so nothing is written twice."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[bytes] = []

    def write(self, data: Any) -> int:
        self._waiting.append(bytes(data))
        return len(data)

    def fetch(self) -> Iterator[bytes]:
        """Yield what was written since the last time, unless that is nothing."""
        waiting, self._waiting = b"".join(self._waiting), []
        if waiting:
            yield waiting


def zipped(members: Iterable[Member], comment: bytes = b"") -> Iterator[bytes]:
    """Yield the bytes of a zip file with these members, which are made one after the other while they are fetched."""
    outlet = _Outlet()
    with ZipFile(outlet, "w") as archive:
        archive.comment = comment
        for name, content in members:
            with archive.open(_entry(name), "w", force_zip64=True) as file:
                for chunk in content:
                    file.write(chunk)
                    yield from outlet.fetch()
    yield from outlet.fetch()


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, _EARLIEST)
    entry.compress_type, entry.create_system, entry.external_attr = ZIP_DEFLATED, 3, _REGULAR_FILE
    return entry
