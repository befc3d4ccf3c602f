"""The files in a zip, unpacked within limits and without trusting what the zip says of itself.

Format: PKWARE APPNOTE 6.3.10. Only what is stored or deflated is taken; no other method has a bound on its memory.
"""

import io
import stat
import zlib
from collections.abc import Callable, Mapping, Sequence
from struct import error as StructError  # noqa: N812 -- The name of an exception.
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from django.utils.translation import gettext as _

from attendance.importers.member_names import check_name, is_left_by_a_system, without_common_folder
from attendance.importers.records import UnreadableError
from attendance.importers.wording import shortened

MAX_MEMBERS = 100
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 100
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
# Each entry of the directory begins with this. So many make the directory itself too large to be read.
_ENTRY_START, _MAX_ENTRIES = b"PK\x01\x02", 10 * MAX_MEMBERS
_PIECE = 64 * 1024
_ENCRYPTED = 0x1
_SPREADSHEET = "[Content_Types].xml"
_BROKEN = (BadZipFile, zlib.error, StructError, EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError)


def members_of_zip(content: bytes, name: str) -> Mapping[str, Callable[[], bytes]]:
    """Return what unpacks each file in a zip, by its name; all were unpacked once to see that they keep the limits.

    Raises:
        UnreadableError: no zip, a broken one, one over a limit, or with members that are no plain files.
    """
    if content.count(_ENTRY_START) > _MAX_ENTRIES:
        raise _too_many()
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            entries = _entries(archive)
            sizes = _Sizes(most=min(MAX_UNPACKED, MAX_RATIO * len(content)))
            for entry in entries.values():
                _unpack(archive, entry, sizes.add)
    except UnreadableError:
        raise
    except (*_BROKEN, OSError) as error:
        raise UnreadableError(_("%(file)s is not a zip, or a broken one. Pack it again.") % {"file": name}) from error
    return {inner: _unpacking(content, entry) for inner, entry in entries.items()}


def _entries(archive: ZipFile) -> dict[str, ZipInfo]:
    """Return the plain files of an archive by their names without the folder that all may lie in."""
    every = archive.infolist()
    for entry in every:
        check_name(entry.orig_filename)
    files = [each for each in every if not each.is_dir() and not is_left_by_a_system(each.filename)]
    if len(files) > MAX_MEMBERS:
        raise _too_many()
    _check_no_spreadsheet(files)
    for entry in files:
        _check_plain(entry)
    by_name = {entry.filename: entry for entry in files}
    names = without_common_folder([entry.filename for entry in files])
    if not names:
        raise UnreadableError(_("The zip has no files in it."))
    return {inner: by_name[full] for inner, full in names.items()}


def _too_many() -> UnreadableError:
    return UnreadableError(_("The zip has more than %(members)s files. Split it.") % {"members": MAX_MEMBERS})


def _check_no_spreadsheet(files: Sequence[ZipInfo]) -> None:
    if any(entry.filename == _SPREADSHEET for entry in files):
        raise UnreadableError(_("This is a spreadsheet. Save each sheet as “CSV UTF-8” and hand in those files."))


def _check_plain(entry: ZipInfo) -> None:
    values = {"name": shortened(entry.filename)}
    if entry.flag_bits & _ENCRYPTED:
        raise UnreadableError(_("“%(name)s” is encrypted. Pack the files without a password.") % values)
    if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
        raise UnreadableError(_("“%(name)s” is a link or a device. Put the file itself there.") % values)
    if entry.filename.casefold().endswith(".zip"):
        raise UnreadableError(_("“%(name)s” is a zip in a zip. Pack its files themselves.") % values)
    if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise UnreadableError(_("“%(name)s” is packed in a way that is not taken. Pack it as a plain zip.") % values)


class _Sizes:
    """Counts what comes out of a zip, whatever its directory says of sizes."""

    def __init__(self, *, most: int) -> None:
        self._left = most

    def add(self, piece: bytes) -> None:
        self._left -= len(piece)
        if self._left < 0:
            values = {"limit": MAX_UNPACKED // 1024**2, "ratio": MAX_RATIO}
            raise UnreadableError(
                _("Unpacked, the zip is larger than %(limit)s MB or %(ratio)s times its own size. Split it.") % values
            )


def _unpack(archive: ZipFile, entry: ZipInfo, take: Callable[[bytes], object]) -> None:
    with archive.open(entry) as file:
        while piece := file.read(_PIECE):
            take(piece)


def _unpacking(content: bytes, entry: ZipInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        pieces: list[bytes] = []
        with ZipFile(io.BytesIO(content)) as archive:
            _unpack(archive, entry, pieces.append)
        return b"".join(pieces)

    return read
