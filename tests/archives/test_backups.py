"""The form of a backup: what went in comes out, and not a byte can change, be missing or be too many."""

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest

from attendance.archives.backups import Backup, Description, TableContent, TableEntry, UnreadableError, write
from attendance.archives.zips import zipped

DESCRIPTION = Description("2026-09-14T09:00:00+00:00", "0123456789ab", "sqlite", ["attendance.0001_foundation"])
ROOMS = [[1, "Hall", None, True], [2, "Dílna, ‏مختبر", 1.5, {"a": [1]}]]
TABLES = [
    TableContent("room", ["id", "name", "seats", "more"], ROOMS),
    TableContent("nothing", ["id"], []),
    TableContent("many", ["id"], [[number] for number in range(1201)]),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A backup of three small tables."""
    path = tmp_path / "backup.zip"
    with path.open("w+b") as written:
        write(written, DESCRIPTION, TABLES)
    return path


@pytest.fixture
def small() -> bytes:
    """The bytes of a backup of one small table."""
    written = io.BytesIO()
    write(written, DESCRIPTION, TABLES[:1])
    return written.getvalue()


def sealed(content: bytes) -> bytes:
    """Return a zip of somebody who knows how a backup ends."""
    return content[:-64] + hashlib.sha256(content[:-64]).hexdigest().encode()


def made_anew(file: Path, change: Callable[[dict[str, bytes]], object]) -> None:
    """Change the files inside, as somebody would who knows how a backup ends."""
    with ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    members_again = [(name, [content]) for name, content in members.items()]
    file.write_bytes(sealed(b"".join(zipped(members_again, comment=b"0" * 64))))


def test_what_went_in_comes_out(file: Path) -> None:
    with Backup(file) as backup:
        backup.check_tables()
        assert backup.description == DESCRIPTION
        assert [(table.name, table.columns, table.rows) for table in backup.tables] == [
            ("room", ["id", "name", "seats", "more"], 2),
            ("nothing", ["id"], 0),
            ("many", ["id"], 1201),
        ]
        assert list(backup.rows(backup.tables[0])) == ROOMS
        assert len(list(backup.rows(backup.tables[2]))) == 1201


def test_any_unzip_reads_it(file: Path) -> None:
    with ZipFile(file) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [
            "tables/room.jsonl",
            "tables/nothing.jsonl",
            "tables/many.jsonl",
            "manifest.json",
        ]
        rooms = archive.read("tables/room.jsonl")
        assert [json.loads(line) for line in rooms.splitlines()] == ROOMS
        entry = json.loads(archive.read("manifest.json"))["tables"][0]
    assert entry["sha256"] == hashlib.sha256(rooms).hexdigest()


def test_writing_returns_what_the_manifest_holds(file: Path) -> None:
    entries = write(io.BytesIO(), DESCRIPTION, TABLES)
    with Backup(file) as backup:
        assert backup.tables == entries
    assert entries[1] == TableEntry("nothing", ["id"], 0, hashlib.sha256(b"").hexdigest())


def is_refused(path: Path, content: bytes) -> bool:
    path.write_bytes(content)
    try:
        Backup(path).__exit__()
    except UnreadableError:
        return True
    return False


def test_whichever_byte_is_another_one_it_is_refused(tmp_path: Path, small: bytes) -> None:
    changed = [small[:place] + bytes([small[place] ^ 0b100]) + small[place + 1 :] for place in range(len(small))]
    assert not is_refused(tmp_path / "backup.zip", small)
    assert [place for place, content in enumerate(changed) if not is_refused(tmp_path / "backup.zip", content)] == []


def test_wherever_it_is_cut_off_it_is_refused(tmp_path: Path, small: bytes) -> None:
    lengths = range(len(small))

    assert [length for length in lengths if not is_refused(tmp_path / "backup.zip", small[:length])] == []


def test_with_more_behind_it_it_is_refused(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"\n")

    with pytest.raises(UnreadableError, match=r"^backup\.zip is no backup, or its end is missing\.$"):
        Backup(file)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "backup.zip is no backup, or its end is missing."),
        (b"any text" * 20, "backup.zip is no backup, or its end is missing."),
        (b"x" * 50 + b"0" * 64, "backup.zip is damaged: its SHA-256 is not the one it ends with."),
        (sealed(b"x" * 50 + b"0" * 64), "backup.zip is no backup: it is no zip file."),
        (sealed(b"".join(zipped([], comment=b"0" * 64))), "backup.zip is no backup: it has no manifest."),
        (
            sealed(b"".join(zipped([("manifest.json", [b"{"])], comment=b"0" * 64))),
            "backup.zip is no backup: it has no manifest.",
        ),
        (
            sealed(b"".join(zipped([("manifest.json", [b'{"format": 2}'])], comment=b"0" * 64))),
            "backup.zip has another format than 1, the one that this version reads.",
        ),
    ],
)
def test_what_is_no_backup_is_told_in_a_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    file = tmp_path / "backup.zip"
    file.write_bytes(content)
    with pytest.raises(UnreadableError) as caught:
        Backup(file)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda members: members.update({"tables/room.jsonl": b'[1,"Hall",null,true]\n[2,"Cellar",1.5,{}]\n'}),
            "The rows of room are not those that the manifest names.",
        ),
        (
            lambda members: members.update({"tables/nothing.jsonl": b"[1]\n"}),
            "The rows of nothing are not those that the manifest names.",
        ),
        (lambda members: members.pop("tables/many.jsonl"), "The rows of many are missing in the backup."),
    ],
)
def test_rows_that_are_not_those_of_the_manifest_are_refused(
    file: Path, change: Callable[[dict[str, bytes]], object], sentence: str
) -> None:
    made_anew(file, change)
    with Backup(file) as backup, pytest.raises(UnreadableError) as caught:
        backup.check_tables()
    assert str(caught.value) == sentence
