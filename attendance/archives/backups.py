"""The form of a backup: a zip with one file of JSON lines per table and a manifest, which ends with its own SHA-256.

- `tables/<table>.jsonl`: a line per row, which is a JSON array in the order of the manifest's columns.
- `manifest.json`: what was backed up, when and by which version; of each table its columns, the number of its rows and
  the SHA-256 of its file.
- The comment of the zip, its last 64 bytes, is the SHA-256 of all bytes before it, so that no byte of the file can
  change unnoticed. It finds damage, not forgery: whoever can write the file can write that number, too.
"""

import hashlib
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, Self
from zipfile import BadZipFile, ZipFile

from attendance.archives.zips import Member, zipped

FORMAT = 1
_MANIFEST = "manifest.json"
_SEAL_LENGTH = 64
_SEAL = re.compile(rb"[0-9a-f]{64}")
_CHUNK = 1024 * 1024
_LINES_AT_ONCE = 500

Row = Sequence[Any]


@dataclass(frozen=True)
class Description:
    """What a backup is of: when and by which code it was made, of what kind of database, with which migrations."""

    made_at: str
    code_version: str
    database: str
    migrations: Sequence[str]


@dataclass(frozen=True)
class TableContent:
    """A table to be backed up: its columns, and its rows as values that JSON can hold."""

    name: str
    columns: Sequence[str]
    rows: Iterable[Row]


@dataclass(frozen=True)
class TableEntry:
    """What the manifest says of a table."""

    name: str
    columns: Sequence[str]
    rows: int
    sha256: str


class UnreadableError(ValueError):
    """The file is no whole backup; the message is one sentence that says why."""


# --- Writing ----------------------------------------------------------------------------------------------------------


def write(file: BinaryIO, description: Description, tables: Iterable[TableContent]) -> list[TableEntry]:
    """Write a backup to an empty file that can be read again and seek, and return what is in it."""
    entries: list[TableEntry] = []
    for chunk in zipped(_members(description, tables, entries), comment=b"0" * _SEAL_LENGTH):
        file.write(chunk)
    seal = _seal_of(file)
    file.seek(-_SEAL_LENGTH, io.SEEK_END)
    file.write(seal)
    return entries


def _members(description: Description, tables: Iterable[TableContent], entries: list[TableEntry]) -> Iterator[Member]:
    """Yield the files inside; each adds its entry once it was fetched, and the manifest holds them all."""
    for table in tables:
        yield f"tables/{table.name}.jsonl", _lines(table, entries)
    manifest = {"format": FORMAT, **asdict(description), "tables": [asdict(entry) for entry in entries]}
    yield _MANIFEST, [json.dumps(manifest, indent=1).encode()]


def _lines(table: TableContent, entries: list[TableEntry]) -> Iterator[bytes]:
    digest, number, waiting = hashlib.sha256(), 0, []
    for row in table.rows:
        waiting.append(json.dumps(row, ensure_ascii=False, separators=(",", ":")))
        if len(waiting) == _LINES_AT_ONCE:
            yield _joined(waiting, digest)
            number += len(waiting)
            waiting.clear()
    yield _joined(waiting, digest)
    entries.append(TableEntry(table.name, table.columns, number + len(waiting), digest.hexdigest()))


def _joined(lines: list[str], digest: "hashlib._Hash") -> bytes:
    text = "".join(f"{line}\n" for line in lines).encode()
    digest.update(text)
    return text


def _seal_of(file: BinaryIO) -> bytes:
    """Return the SHA-256 of all but the last 64 bytes, in hexadecimal; the file is read from its start."""
    left = file.seek(0, io.SEEK_END) - _SEAL_LENGTH
    file.seek(0)
    digest = hashlib.sha256()
    while left > 0 and (chunk := file.read(min(left, _CHUNK))):
        digest.update(chunk)
        left -= len(chunk)
    return digest.hexdigest().encode()


# --- Reading ----------------------------------------------------------------------------------------------------------


class Backup:
    """A backup that is open for reading and whose every byte is known to be as it was written."""

    def __init__(self, path: Path) -> None:
        """Open a backup and hold it against its SHA-256.

        Raises:
            OSError: the file cannot be opened or read.
            UnreadableError: it is no backup, or not whole.
        """
        self._file = path.open("rb")
        try:
            self._archive = self._opened(path.name)
            manifest = self._manifest(path.name)
        except BaseException:
            self._file.close()
            raise
        self.tables = [TableEntry(**entry) for entry in manifest.pop("tables")]
        self.description = Description(**manifest)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()
        self._file.close()

    def _opened(self, name: str) -> ZipFile:
        """Return the zip, which is looked into only once its bytes are known to be those that were written."""
        size = self._file.seek(0, io.SEEK_END)
        self._file.seek(max(size - _SEAL_LENGTH, 0))
        seal = self._file.read()
        if not _SEAL.fullmatch(seal):
            raise UnreadableError(f"{name} is no backup, or its end is missing.")
        if seal != _seal_of(self._file):
            raise UnreadableError(f"{name} is damaged: its SHA-256 is not the one it ends with.")
        try:
            return ZipFile(self._file)
        except BadZipFile as error:
            raise UnreadableError(f"{name} is no backup: it is no zip file.") from error

    def _manifest(self, name: str) -> dict[str, Any]:
        try:
            manifest: dict[str, Any] = json.loads(self._archive.read(_MANIFEST))
        except (KeyError, ValueError) as error:
            raise UnreadableError(f"{name} is no backup: it has no manifest.") from error
        if manifest.pop("format", None) != FORMAT:
            raise UnreadableError(f"{name} has another format than {FORMAT}, the one that this version reads.")
        return manifest

    def check_tables(self) -> None:
        """Read the files of all tables once, and hold them against the manifest.

        Raises:
            UnreadableError: one is missing, or has other content or another number of rows.
        """
        for table in self.tables:
            for _row in self.rows(table):
                pass

    def rows(self, table: TableEntry) -> Iterator[list[Any]]:
        """Yield the rows of a table.

        Raises:
            UnreadableError: after the last row, when they are not those of the manifest.
        """
        digest, number = hashlib.sha256(), 0
        with self._member(table) as file:
            for line in file:
                digest.update(line)
                number += 1
                yield json.loads(line)
        if (number, digest.hexdigest()) != (table.rows, table.sha256):
            raise UnreadableError(f"The rows of {table.name} are not those that the manifest names.")

    def _member(self, table: TableEntry) -> IO[bytes]:
        try:
            return self._archive.open(f"tables/{table.name}.jsonl")
        except KeyError as error:
            raise UnreadableError(f"The rows of {table.name} are missing in the backup.") from error
