"""The picture of a code (QR code, ISO/IEC 18004), as a path that an SVG draws."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

import segno

QUIET = 4
"""Modules of white around a code; the standard asks for four."""
_VERSION = 3  # 29 modules a side: 61 capitals and digits at correction level M, 77 at level L.


@dataclass(frozen=True)
class Drawing:
    """A code as strokes of one unit's width: the side of the square with its quiet zone, and the path's data."""

    side: int
    path: str


@lru_cache(maxsize=1024)
def drawing_of(address: str) -> Drawing:
    """Return the code of an address; capitals, digits and `$%*+-./:` alone keep it small.

    It has 29 modules a side with the most correction that fits, and more modules only for an address of over 77
    characters. Drawing takes milliseconds, and several screens may show the same code, hence the memory.
    """
    try:
        symbol = segno.make_qr(address, error="l", version=_VERSION)
    except segno.DataOverflowError:
        symbol = segno.make_qr(address, error="l")
    return Drawing(len(symbol.matrix) + 2 * QUIET, "".join(_strokes(symbol)))


def _strokes(symbol: segno.QRCode) -> list[str]:
    """Return one stroke for each run of dark modules, row by row."""
    strokes = []
    for row, modules in enumerate(symbol.matrix):
        column = 0
        for dark, run in groupby(modules):
            length = len(list(run))
            if dark:
                strokes.append(f"M{QUIET + column} {QUIET + row}.5h{length}")
            column += length
    return strokes
