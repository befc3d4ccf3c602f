"""What may be handed in: files, zips and folders within limits, and hostile ones, each refused with a sentence."""

import hashlib
import io
import os
import random
import stat
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance.importers import bundle as bundle_module
from attendance.importers import zip_members
from attendance.importers.bundle import MAX_UPLOAD, MEGABYTE, Bundle, open_bundle
from attendance.importers.records import UnreadableError
from attendance.importers.zip_members import MAX_MEMBERS, MAX_RATIO, MAX_UNPACKED
from tests.importers.files import zip_of

TOO_LARGE = "Unpacked, the zip is larger than 200 MB or 100 times its own size. Split it."
BROKEN = "files.zip is not a zip, or a broken one. Pack it again."
NOISE = random.Random(7).randbytes(1024)


def opened(content: bytes, name: str = "files.zip") -> Bundle:
    return open_bundle(io.BytesIO(content), name)


def refusal(content: bytes, name: str = "files.zip") -> str:
    with pytest.raises(UnreadableError) as raised:
        opened(content, name)
    return str(raised.value)


def refusal_of(path: Path) -> str:
    with pytest.raises(UnreadableError) as raised:
        open_bundle(path)
    return str(raised.value)


# --- Files ------------------------------------------------------------------------------------------------------


def test_a_file_is_a_bundle_of_itself(tmp_path: Path) -> None:
    path = tmp_path / "rooms.csv"
    path.write_bytes(b"name\nA1\n")
    for bundle in (open_bundle(path), opened(b"name\nA1\n", "rooms.csv")):
        assert dict(bundle) == {"rooms.csv": b"name\nA1\n"}
        assert bundle.name == "rooms.csv"
        assert bundle.content_hash == hashlib.sha256(b"name\nA1\n").hexdigest()


def test_an_open_file_brings_its_own_name(tmp_path: Path) -> None:
    path = tmp_path / "rooms.csv"
    path.write_bytes(b"name\n")
    with path.open("rb") as file:
        assert open_bundle(file).name == "rooms.csv"


@pytest.mark.parametrize("name", ["/etc/rooms.csv", "..\\..\\rooms.csv", "C:\\Users\\rooms.csv", "rooms.csv"])
def test_of_the_name_of_an_upload_only_the_last_part_counts(name: str) -> None:
    assert list(opened(b"name\n", name)) == ["rooms.csv"]


def test_20_megabytes_are_taken_and_a_byte_more_is_not() -> None:
    assert len(opened(b"x" * MAX_UPLOAD, "rooms.csv")["rooms.csv"]) == 20 * MEGABYTE
    assert refusal(b"x" * (MAX_UPLOAD + 1)) == "The file is larger than 20 MB. Split it."


def test_no_more_of_an_upload_is_read_than_its_limit() -> None:
    class Endless(io.RawIOBase):
        asked = 0

        def read(self, size: int = -1) -> bytes:
            self.asked += size
            return b"x" * size

    upload = Endless()
    with pytest.raises(UnreadableError):
        open_bundle(upload, "rooms.csv")
    assert upload.asked == MAX_UPLOAD + 1


def test_an_empty_file_is_refused() -> None:
    assert refusal(b"", "rooms.csv") == "rooms.csv is empty."


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert refusal_of(tmp_path / "rooms.csv") == "rooms.csv cannot be read: No such file or directory."


# --- Folders ----------------------------------------------------------------------------------------------------


def test_a_folder_is_a_bundle_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "rooms.csv").write_bytes(b"name\nA1\n")
    (tmp_path / "terms.csv").write_bytes(b"name\n")
    (tmp_path / ".DS_Store").write_bytes(b"junk")
    bundle = open_bundle(tmp_path)
    assert dict(bundle) == {"rooms.csv": b"name\nA1\n", "terms.csv": b"name\n"}
    assert bundle.name == tmp_path.name


def test_the_hash_of_a_folder_is_that_of_names_and_contents(tmp_path: Path) -> None:
    def hash_of(number: int, **files: str) -> str:
        folder = tmp_path / str(number)
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_text(content)
        return open_bundle(folder).content_hash

    hashes = [hash_of(1, a="1", b="2"), hash_of(2, a="2", b="1"), hash_of(3, a="1", c="2"), hash_of(4, ab="12")]
    assert len(set(hashes)) == 4
    assert hash_of(5, b="2", a="1") == hashes[0]


def test_a_file_that_changes_after_the_folder_was_opened_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rooms.csv").write_bytes(b"name\nA1\n")
    bundle = open_bundle(tmp_path)
    (tmp_path / "rooms.csv").write_bytes(b"name\nB7\n")
    with pytest.raises(UnreadableError) as raised:
        bundle["rooms.csv"]
    assert str(raised.value) == "rooms.csv changed while it was being read."


def test_links_and_pipes_in_a_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "rooms.csv").symlink_to("/etc/passwd")
    assert refusal_of(tmp_path) == "“rooms.csv” is a link or a device. Put the file itself there."
    (tmp_path / "rooms.csv").unlink()
    os.mkfifo(tmp_path / "rooms.csv")
    assert refusal_of(tmp_path) == "“rooms.csv” is a link or a device. Put the file itself there."


def test_a_folder_has_its_limits(tmp_path: Path) -> None:
    assert refusal_of(tmp_path).endswith(" is empty.")
    for number in range(MAX_MEMBERS + 1):
        (tmp_path / f"{number:03}.csv").touch()
    assert refusal_of(tmp_path) == "With “100.csv” the folder has more than 100 files or 200 MB. Split it."


def test_a_folder_of_more_than_200_megabytes_is_refused_unread(tmp_path: Path) -> None:
    for number in range(2):
        with (tmp_path / f"{number}.csv").open("wb") as file:
            file.truncate(MAX_UNPACKED // 2 + 1)
    assert refusal_of(tmp_path) == "With “1.csv” the folder has more than 100 files or 200 MB. Split it."


# --- Zips -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_is_a_bundle_of_its_members(method: int) -> None:
    content = zip_of({"rooms.csv": "name\nA1\n", "terms.csv": "name\n"}, method)
    bundle = opened(content)
    assert dict(bundle) == {"rooms.csv": b"name\nA1\n", "terms.csv": b"name\n"}
    assert (bundle.name, bundle.content_hash) == ("files.zip", hashlib.sha256(content).hexdigest())
    assert ("rooms.csv" in bundle, "other.csv" in bundle, len(bundle)) == (True, False, 2)


def test_a_zip_is_known_by_its_content_whatever_its_name() -> None:
    assert list(opened(zip_of({"rooms.csv": "name\n"}), "export")) == ["rooms.csv"]


def test_the_one_folder_that_all_members_lie_in_is_taken_away() -> None:
    members = {"export/": "", "export/rooms.csv": "name\n", "__MACOSX/export/._rooms.csv": "", "export/.DS_Store": ""}
    assert list(opened(zip_of(members))) == ["rooms.csv"]


@pytest.mark.parametrize("names", [("a/rooms.csv", "b/terms.csv"), ("rooms.csv", "b/terms.csv"), ("a/b/terms.csv",)])
def test_members_in_several_or_nested_folders_are_refused(names: tuple[str, ...]) -> None:
    sentence = f"“{names[-1]}” lies in a folder of its own. Pack all files side by side."
    assert refusal(zip_of(dict.fromkeys(names, "name\n"))) == sentence


@pytest.mark.parametrize("second", ["rooms.csv", "Rooms.CSV"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_refused(second: str) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("rooms.csv", "name\nA1\n")
        archive.writestr(second, "name\nB1\n")
    assert refusal(file.getvalue()) == f"Two files inside are named “{second}”. Leave one of them out."


def renamed(name: bytes) -> bytes:
    """Return a zip whose only member has that name, which no packer would write."""
    return zip_of({"x" * len(name): "name\n"}).replace(b"x" * len(name), name)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"/etc/passwd", "/etc/passwd"),
        (b"../rooms.csv", "../rooms.csv"),
        (b"a/../../b.csv", "a/../../b.csv"),
        (b"./rooms.csv", "./rooms.csv"),
        (b"a//rooms.csv", "a//rooms.csv"),
        (b"a\\rooms.csv", "a\\rooms.csv"),
        (b"C:rooms.csv", "C:rooms.csv"),
        (b"rooms\0.csv", "rooms\N{REPLACEMENT CHARACTER}.csv"),
        (b"rooms\n.csv", "rooms\N{REPLACEMENT CHARACTER}.csv"),
        (b"n" * 256, f"{'n' * 60}…"),
    ],
)
def test_names_that_are_paths_or_none_at_all_are_refused(name: bytes, shown: str) -> None:
    assert refusal(renamed(name)) == (
        f"A file inside is named “{shown}”. Pack the files again, with plain names and without folders."
    )


def test_names_are_never_written_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    opened(zip_of({"rooms.csv": "name\n"}))["rooms.csv"]
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_in_a_zip_are_refused(kind: int) -> None:
    entry = zipfile.ZipInfo("rooms.csv")
    entry.external_attr = (kind | 0o644) << 16
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    assert refusal(file.getvalue()) == "“rooms.csv” is a link or a device. Put the file itself there."


def patched(content: bytes, change: Callable[[bytearray, int], None]) -> bytes:
    """Return a zip with a change at the first entry of its directory."""
    changed = bytearray(content)
    change(changed, content.index(b"PK\x01\x02"))
    return bytes(changed)


def test_an_encrypted_member_is_refused() -> None:
    def encrypt(content: bytearray, entry: int) -> None:
        content[entry + 8] |= 1

    assert refusal(patched(zip_of({"rooms.csv": "name\n"}), encrypt)) == (
        "“rooms.csv” is encrypted. Pack the files without a password."
    )


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_methods_of_packing_are_refused(method: int) -> None:
    assert refusal(zip_of({"rooms.csv": "name\n"}, method)) == (
        "“rooms.csv” is packed in a way that is not taken. Pack it as a plain zip."
    )


def test_a_zip_in_a_zip_is_refused() -> None:
    assert refusal(zip_of({"more.ZIP": zip_of({"rooms.csv": "name\n"})})) == (
        "“more.ZIP” is a zip in a zip. Pack its files themselves."
    )


def test_a_spreadsheet_is_told_from_a_zip() -> None:
    sheet = {"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook/>", "xl/worksheets/sheet1.xml": "<a/>"}
    assert refusal(zip_of(sheet), "rooms.xlsx") == (
        "This is a spreadsheet. Save each sheet as “CSV UTF-8” and hand in those files."
    )


def test_100_members_are_taken_and_one_more_is_not() -> None:
    members = {f"{number}.csv": "name\n" for number in range(MAX_MEMBERS)}
    assert len(opened(zip_of(dict(members)))) == 100
    assert refusal(zip_of({**members, "more.csv": ""})) == "The zip has more than 100 files. Split it."


def test_a_directory_of_a_hundred_thousand_entries_is_refused_without_reading_it() -> None:
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", *[0] * 9, 1, *[0] * 6) + b"a"
    entries = entry * 100_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65535, 65535, len(entries), 0, 0)
    tracemalloc.start()
    try:
        assert refusal(entries + end) == "The zip has more than 100 files. Split it."
        assert tracemalloc.get_traced_memory()[1] < 3 * len(entries)
    finally:
        tracemalloc.stop()


def test_a_zip_without_files_is_refused() -> None:
    assert refusal(zip_of({"export/": ""})) == "The zip has no files in it."
    assert refusal(zip_of({})) == "The zip has no files in it."


@pytest.mark.parametrize(
    "content",
    [b"name\nA1\n", b"PK\x03\x04", zip_of({"rooms.csv": "name\n"})[:-1], zip_of({"rooms.csv": "name\n" * 99})[20:]],
)
def test_a_broken_zip_is_refused(content: bytes) -> None:
    assert refusal(content) == BROKEN


def test_a_member_whose_content_was_changed_is_refused() -> None:
    content = zip_of({"rooms.csv": "name\nA1\n"}, zipfile.ZIP_STORED).replace(b"A1", b"B1")
    assert refusal(content) == BROKEN


# --- Bombs ------------------------------------------------------------------------------------------------------


def test_a_zip_may_unpack_to_a_hundred_times_its_size_and_not_more() -> None:
    def packed(size: int) -> bytes:
        return zip_of({"noise.bin": NOISE, "rooms.csv": b"x" * size})

    within = len(packed(MAX_RATIO * 1024)) * MAX_RATIO - len(NOISE) - MAX_RATIO * 100
    assert len(opened(packed(within))["rooms.csv"]) == within
    assert refusal(packed(within + MAX_RATIO * 200)) == TOO_LARGE


def test_a_bomb_of_a_gigabyte_is_refused_with_little_memory() -> None:
    bomb = bomb_of(1024 * MEGABYTE)
    assert len(bomb) < 2 * MEGABYTE
    tracemalloc.start()
    try:
        assert refusal(bomb) == TOO_LARGE
        assert tracemalloc.get_traced_memory()[1] < 8 * MEGABYTE
    finally:
        tracemalloc.stop()


def bomb_of(size: int, claimed: int | None = None) -> bytes:
    """Return a zip whose only member unpacks to so many zero bytes, made without having them all at once."""
    packer, piece = zlib.compressobj(9, zlib.DEFLATED, -15), bytes(MEGABYTE)
    packed = b"".join(packer.compress(piece) for _ in range(size // MEGABYTE)) + packer.flush()
    crc = 0
    for _ in range(size // MEGABYTE):
        crc = zlib.crc32(piece, crc)
    return zip_around(packed, crc, size if claimed is None else claimed)


def zip_around(packed: bytes, crc: int, size: int) -> bytes:
    name, sizes = b"rooms.csv", (crc, len(packed), size)
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 8, 0, 0, *sizes, len(name), 0) + name + packed
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, *sizes, len(name), 0, 0, 0, 0, 0, 0) + name
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(entry), len(local), 0)
    return local + entry + end


@pytest.mark.parametrize("claimed", [0, 1, 1000])
def test_sizes_that_the_directory_claims_do_not_help_a_bomb(claimed: int) -> None:
    with pytest.raises(UnreadableError):
        opened(bomb_of(64 * MEGABYTE, claimed))


def test_a_directory_that_claims_more_than_there_is_changes_nothing() -> None:
    content = zip_of({"rooms.csv": "name\n"})

    def exaggerate(changed: bytearray, entry: int) -> None:
        changed[entry + 24 : entry + 28] = struct.pack("<L", 2**32 - 2)

    assert opened(patched(content, exaggerate))["rooms.csv"] == b"name\n"


def test_members_that_share_one_content_are_counted_each_time() -> None:
    """Overlapping members unpack the same bytes over and over; the whole is what counts."""
    members = {f"{number}.csv": b"x" * 100_000 for number in range(20)}
    assert refusal(zip_of(dict(members))) == TOO_LARGE


def test_the_limit_of_200_megabytes_stands_beside_that_of_the_ratio(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_members, "MAX_UNPACKED", 4000)
    assert refusal(zip_of({"rooms.csv": NOISE * 4})) != ""
    assert len(opened(zip_of({"rooms.csv": NOISE * 3}))["rooms.csv"]) == 3072


def test_the_limits_are_those_that_were_promised() -> None:
    assert (MAX_UPLOAD, MAX_UNPACKED, MAX_MEMBERS, MAX_RATIO) == (20 << 20, 200 << 20, 100, 100)
    assert bundle_module.MAX_UNPACKED is zip_members.MAX_UNPACKED


# --- Anything ---------------------------------------------------------------------------------------------------


def reads_or_refuses(content: bytes, name: str) -> None:
    try:
        bundle = opened(content, name)
    except UnreadableError as error:
        assert str(error)
    else:
        assert sum(len(member) for member in bundle.values()) <= MAX_UNPACKED


@given(st.binary(min_size=0, max_size=300), st.sampled_from(["rooms.csv", "files.zip", ""]))
def test_any_bytes_are_a_bundle_or_refused(content: bytes, name: str) -> None:
    reads_or_refuses(content, name)
    reads_or_refuses(b"PK\x03\x04" + content, name)


GOOD = zip_of({"rooms.csv": "name\nA1\n", "terms.csv": "name,first_day\n"})


@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_zip_with_any_bytes_changed_is_a_bundle_or_refused(changes: list[tuple[int, int]]) -> None:
    content = bytearray(GOOD)
    for place, value in changes:
        content[place] = value
    reads_or_refuses(bytes(content), "files.zip")


@given(st.integers(0, len(GOOD)), st.integers(0, len(GOOD)), st.binary(max_size=40))
def test_a_zip_cut_and_filled_up_is_a_bundle_or_refused(start: int, end: int, between: bytes) -> None:
    reads_or_refuses(GOOD[:start] + between + GOOD[end:], "files.zip")
