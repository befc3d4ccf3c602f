"""What has to be translated, and what is: read from the sources and templates, and from the catalogue.

Run as a program it compiles the catalogue into the file that Django reads.
"""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

from tests.servers.environment import PROJECT

PO = PROJECT / "attendance" / "locale" / "ar" / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")
_FUNCTIONS = {
    "_": None,
    "_now": None,
    "gettext": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "Unproved": None,  # The verifier stands alone and marks no text; its refusals are shown by a page as well.
}

_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)

Key = tuple[str | None, str]
"""Context and text; of a plural the singular."""


def catalogue() -> Catalog:
    """Return the Arabic texts."""
    with PO.open("rb") as file:
        return read_po(file, locale="ar")


def compiled() -> bytes:
    """Return the catalogue as Django reads it; the same bytes for the same texts, whenever it is made."""
    file, texts = io.BytesIO(), catalogue()
    texts.creation_date = texts.revision_date = _ANY_DAY
    write_mo(file, texts)
    return file.getvalue()


def marked() -> Iterator[Key]:
    """Yield every text that is marked for translation, in sources and in templates."""
    for path in sorted((PROJECT / "attendance").rglob("*.py")):
        yield from _texts_in(path.read_bytes())
    for path in sorted(p for p in (PROJECT / "templates").rglob("*") if p.suffix in (".html", ".txt")):
        yield from _texts_in(templatize(path.read_text("utf-8"), origin=str(path)).encode())


def _texts_in(source: bytes) -> Iterator[Key]:
    for _line, function, messages, _comments in extract_python(io.BytesIO(source), list(_FUNCTIONS), [], {}):
        texts = [messages] if isinstance(messages, str) else list(messages or ())
        if function.endswith(("pgettext", "pgettext_lazy")):
            yield str(texts[0]), str(texts[1])
        elif texts and texts[0]:
            yield None, str(texts[0])


def main(target: Path = MO) -> None:
    """Write the compiled catalogue."""
    target.write_bytes(compiled())


if __name__ == "__main__":
    main()
