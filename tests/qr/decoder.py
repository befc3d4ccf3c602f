"""An independent reader of codes, which shares nothing with what draws them."""

import re
from pathlib import Path

import zxingcpp
from PIL import Image, ImageDraw

from attendance.qr.image import Drawing

_STROKE = re.compile(r"M(\d+) (\d+)\.5h(\d+)")


def picture_of(drawing: Drawing, pixels: int = 4) -> Image.Image:
    """Draw the strokes of a path as a browser does, so many pixels a module."""
    side = drawing.side * pixels
    picture = Image.new("L", (side, side), 255)
    pen = ImageDraw.Draw(picture)
    for found in _STROKE.finditer(drawing.path):
        column, row, length = map(int, found.groups())
        corner = ((column + length) * pixels - 1, (row + 1) * pixels - 1)
        pen.rectangle(((column * pixels, row * pixels), corner), fill=0)
    return picture


def texts_in(picture: Image.Image) -> list[str]:
    """Return what the QR codes of a picture say."""
    return [found.text for found in zxingcpp.read_barcodes(picture.convert("L"), formats=zxingcpp.BarcodeFormat.QRCode)]


def texts_in_file(file: Path) -> list[str]:
    """Return what the QR codes of a picture in a file say."""
    with Image.open(file) as picture:
        return texts_in(picture)
