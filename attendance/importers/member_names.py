"""Names of the files in a zip or a folder: looked up in tables of ours, never used as paths."""

import re
from collections.abc import Sequence

from django.utils.translation import gettext as _

from attendance.importers.records import UnreadableError
from attendance.importers.wording import shortened

MAX_LENGTH = 255
_DRIVE = re.compile(r"[A-Za-z]:")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LEFT_BY_SYSTEMS = re.compile(r"(.*/)?(__MACOSX/.*|\.DS_Store|Thumbs\.db|desktop\.ini)")


def is_left_by_a_system(name: str) -> bool:
    """Say whether an operating system put that file beside the others on its own account."""
    return _LEFT_BY_SYSTEMS.fullmatch(name) is not None


def check_name(name: str) -> None:
    """Accept the name of a member, with `/` between folders.

    Raises:
        UnreadableError: it leads out of the folder, or is none on some system.
    """
    parts = name.removesuffix("/").split("/")
    if (
        not set(parts).isdisjoint(("", ".", ".."))
        or "\\" in name
        or _CONTROLS.search(name)
        or _DRIVE.match(name)
        or len(name) > MAX_LENGTH
    ):
        raise UnreadableError(
            _("A file inside is named “%(name)s”. Pack the files again, with plain names and without folders.")
            % {"name": shortened(name)}
        )


def without_common_folder(names: Sequence[str]) -> dict[str, str]:
    """Return the full names by the names inside the one folder that all may lie in.

    Raises:
        UnreadableError: files lie in several folders, one lies deeper, or two have the same name but for capitals.
    """
    inner: dict[str, str] = {}
    folders = set()
    for full in names:
        folder, _slash, name = full.rpartition("/")
        folders.add(folder)
        if "/" in folder or len(folders) > 1:
            raise UnreadableError(
                _("“%(name)s” lies in a folder of its own. Pack all files side by side.") % {"name": shortened(full)}
            )
        inner[name] = full
    _check_each_once(names)
    return inner


def _check_each_once(names: Sequence[str]) -> None:
    seen = set()
    for full in names:
        name = full.rpartition("/")[2].casefold()
        if name in seen:
            raise UnreadableError(
                _("Two files inside are named “%(name)s”. Leave one of them out.") % {"name": shortened(full)}
            )
        seen.add(name)
