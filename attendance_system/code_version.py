"""Which version of the code this is: what an older one left in the cache may look different and is not read."""

from hashlib import sha256
from pathlib import Path

import django

_PARTS = ("attendance", "attendance_system", "templates")
_SUFFIXES = {".py", ".html", ".txt", ".mo", ".css", ".js", ".svg"}


def code_version(folder: Path) -> str:
    """Return twelve hexadecimal digits that are others as soon as code, a template, a text or a style is.

    Args:
        folder: where the product lies.
    """
    digest = sha256(django.get_version().encode())
    for part in _PARTS:
        for file in sorted((folder / part).rglob("*")):
            if file.suffix in _SUFFIXES:
                digest.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]
