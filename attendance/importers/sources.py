"""One door to all readers: what a bundle was written by or for, and its records."""

from attendance.importers.bundle import Bundle
from attendance.importers.itc2019 import read_itc2019
from attendance.importers.oneroster import read_oneroster
from attendance.importers.plain_csv import read_plain_csv
from attendance.importers.records import Reading

__all__ = ["CSV", "ITC2019", "ONEROSTER", "guess_source", "read", "read_itc2019"]

CSV, ONEROSTER, ITC2019 = "csv", "oneroster", "itc2019"
MANIFEST = "manifest.csv"


def guess_source(bundle: Bundle) -> str:
    """Return which source a bundle most likely comes from: `oneroster`, `itc2019` or `csv`."""
    names = [name.casefold() for name in bundle]
    if MANIFEST in names:
        return ONEROSTER
    return ITC2019 if any(name.endswith(".xml") for name in names) else CSV


def read(source: str, bundle: Bundle, *, default_term: str = "") -> Reading:
    """Return the records of a bundle from the source `csv`, where `default_term` serves as term, or `oneroster`.

    Raises:
        UnreadableError: the bundle as a whole cannot be taken.
        ValueError: another source.
    """
    if source == ONEROSTER:
        return read_oneroster(bundle)
    if source != CSV:
        raise ValueError(f"{source!r} is not read here.")
    return read_plain_csv(bundle, default_term=default_term)
