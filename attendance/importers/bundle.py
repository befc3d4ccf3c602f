"""What somebody hands in, a file, a zip or a folder, as the files inside by their names, within limits."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Protocol

from django.utils.translation import gettext as _

from attendance.importers.member_names import MAX_LENGTH, check_name, is_left_by_a_system, without_common_folder
from attendance.importers.records import UnreadableError
from attendance.importers.zip_members import MAX_MEMBERS, MAX_UNPACKED, ZIP_STARTS, members_of_zip

MEGABYTE = 1024 * 1024
MAX_UPLOAD = 20 * MEGABYTE


class Upload(Protocol):
    """A file as a browser sends it, or one that is open for reading bytes."""

    def read(self, size: int, /) -> bytes:
        """Return up to so many bytes."""
        ...  # pragma: no cover


class Bundle(Mapping[str, bytes]):
    """The files inside by their names; a content is made when it is asked for, and not kept.

    `name` is what the whole is called and `content_hash` the SHA-256 of what was handed in, in hexadecimal digits.
    """

    def __init__(self, *, name: str, content_hash: str, members: Mapping[str, Callable[[], bytes]]) -> None:
        self.name = name
        self.content_hash = content_hash
        self._members = dict(members)

    def __getitem__(self, name: str) -> bytes:
        return self._members[name]()

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, name: object) -> bool:
        # The mapping's own way would make the content to find out.
        return name in self._members


def open_bundle(source: Path | Upload, name: str = "") -> Bundle:
    """Return the bundle of a file or folder of this machine, or of an upload.

    Args:
        source: a zip counts as what is packed in it, anything else as itself.
        name: what to call it; the source's own name unless given.

    Raises:
        UnreadableError: it cannot be read, is empty or over a limit, or names files inside as no file should be named.
    """
    called = _last_part(name or str(getattr(source, "name", "") or ""))
    if not isinstance(source, Path):
        return _bundle_of(_content(source), called)
    try:
        if source.is_dir():
            return _folder(source, called)
        with source.open("rb") as file:
            return _bundle_of(_content(file), called)
    except OSError as error:
        raise UnreadableError(
            _("%(file)s cannot be read: %(reason)s.") % {"file": called, "reason": error.strerror}
        ) from error


def _last_part(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).name[-MAX_LENGTH:]


def _content(file: Upload) -> bytes:
    # One byte more than allowed tells a file that is too large without reading the rest of it.
    content = file.read(MAX_UPLOAD + 1)
    if len(content) > MAX_UPLOAD:
        raise UnreadableError(_("The file is larger than %(limit)s MB. Split it.") % {"limit": MAX_UPLOAD // MEGABYTE})
    return content


def _bundle_of(content: bytes, name: str) -> Bundle:
    if not content:
        raise UnreadableError(_("%(file)s is empty.") % {"file": name})
    members: Mapping[str, Callable[[], bytes]] = {name: lambda: content}
    if content.startswith(ZIP_STARTS) or name.casefold().endswith(".zip"):
        members = members_of_zip(content, name)
    return Bundle(name=name, content_hash=hashlib.sha256(content).hexdigest(), members=members)


# --- Folders ----------------------------------------------------------------------------------------------------


def _folder(folder: Path, name: str) -> Bundle:
    """Return the bundle of a folder; a file that changes afterwards is refused when it is read."""
    paths = _paths_in(folder)
    names = without_common_folder(list(paths))
    digests = {inner: _digest(paths[full]) for inner, full in sorted(names.items())}
    whole = hashlib.sha256()
    for inner, digest in digests.items():
        whole.update(hashlib.sha256(inner.encode()).digest() + digest)
    members = {inner: _reading(paths[full], digests[inner]) for inner, full in names.items()}
    return Bundle(name=name, content_hash=whole.hexdigest(), members=members)


def _paths_in(folder: Path) -> dict[str, Path]:
    found, size = {}, 0
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if is_left_by_a_system(name):
            continue
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise UnreadableError(_("“%(name)s” is a link or a device. Put the file itself there.") % {"name": name})
        if path.is_dir():
            continue
        check_name(name)
        found[name] = path
        size += path.stat().st_size
        if len(found) > MAX_MEMBERS or size > MAX_UNPACKED:
            raise _too_much(name)
    _check_any(found, folder.name)
    return found


def _too_much(name: str) -> UnreadableError:
    values = {"name": name, "members": MAX_MEMBERS, "limit": MAX_UNPACKED // MEGABYTE}
    return UnreadableError(
        _("With “%(name)s” the folder has more than %(members)s files or %(limit)s MB. Split it.") % values
    )


def _check_any(found: Mapping[str, Path] | Sequence[str], name: str) -> None:
    if not found:
        raise UnreadableError(_("%(file)s is empty.") % {"file": name})


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _reading(path: Path, digest: bytes) -> Callable[[], bytes]:
    def read() -> bytes:
        content = path.read_bytes()
        if hashlib.sha256(content).digest() != digest:
            raise UnreadableError(_("%(file)s changed while it was being read.") % {"file": path.name})
        return content

    return read
