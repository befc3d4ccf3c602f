"""Files made in memory for tests of the readers."""

import io
import zipfile
from collections.abc import Mapping

from attendance.importers.bundle import Bundle, open_bundle

Content = str | bytes


def as_bytes(content: Content) -> bytes:
    return content.encode() if isinstance(content, str) else content


def zip_of(members: Mapping[str, Content], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, as_bytes(content))
    return file.getvalue()


def bundle_of(members: Mapping[str, Content]) -> Bundle:
    """Return the bundle of one file, or of a zip of several."""
    if len(members) == 1:
        ((name, content),) = members.items()
        return open_bundle(io.BytesIO(as_bytes(content)), name)
    return open_bundle(io.BytesIO(zip_of(members, zipfile.ZIP_STORED)), "files.zip")
