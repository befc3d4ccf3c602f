"""The projector's page on the screens of halls: everything in sight, the code large, and read from the back row."""

import random
from io import BytesIO

import pytest
from PIL import Image, ImageFilter
from playwright.sync_api import Page, expect

from attendance.models import AttendanceSession
from attendance.qr.image import QUIET, drawing_of
from attendance.qr.tokens import Code, token_of, written
from tests.browser.scanning import next_code
from tests.browser.test_check_in import projector, session
from tests.browser.test_walk import people
from tests.qr.decoder import texts_in

__all__ = ["people", "projector", "session"]

PHOTOS = 20
PIXELS_A_MODULE = 3.2
COPY = "(picture) => picture.replaceWith(picture.cloneNode(true))"
"""Lets the page go on drawing where nobody looks."""
DRAW = "(picture, path) => picture.querySelector('path').setAttribute('d', path)"


def test_photos_of_twenty_codes_from_the_back_row_are_read(projector: Page, session: AttendanceSession) -> None:
    """The page is taken at 1,366 pixels and shrunk to 3.2 pixels a module, a little dark, blurred and grainy."""
    host = projector.url.split("/")[2].upper()
    chance = random.Random(9)
    picture = projector.locator(".qr svg")
    picture.evaluate(COPY)
    for step in range(PHOTOS):
        address = f"HTTP://{host}/C/{written(Code(session.pk, token_of(bytes(session.key or b''), session.pk, step)))}"
        picture.evaluate(DRAW, drawing_of(address).path)
        sharp = Image.open(BytesIO(picture.screenshot()))
        assert texts_in(from_the_back_row(sharp, drawing_of(address).side, chance)) == [address]


def from_the_back_row(screen: Image.Image, modules: int, chance: random.Random) -> Image.Image:
    """Return a photo of the code alone, with the faults of a photo from afar."""
    side = round(PIXELS_A_MODULE * modules * chance.uniform(1, 1.05))
    photo = screen.convert("L").resize((side, side), Image.Resampling.BILINEAR).filter(ImageFilter.GaussianBlur(0.5))
    grain = Image.frombytes("L", photo.size, chance.randbytes(side * side))
    return Image.blend(photo.point(lambda light: 30 + light * 3 // 5), grain, 0.12)


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (1280, 800), (1024, 768)])
def test_everything_is_in_sight_and_the_code_is_large(projector: Page, size: tuple[int, int]) -> None:
    width, height = size
    projector.set_viewport_size({"width": width, "height": height})
    for part in (".qr svg", "h1", ".typed bdi", ".counter", ".foot", ".foot .button >> nth=-1"):
        expect(projector.locator(part)).to_be_in_viewport(ratio=1)
    assert projector.evaluate("document.documentElement.scrollHeight") <= height
    assert projector.evaluate("document.documentElement.scrollWidth") <= width
    code, letters = (projector.locator(part).bounding_box() or {} for part in (".qr svg", ".typed bdi"))
    assert code["width"] >= 0.8 * min(height, 0.6 * width), "the code takes all the height there is"
    # Read from as far away as letters of a twentieth of the screen's height are: eight times the height of a screen.
    assert letters["height"] >= height / 12
    assert code["width"] / (29 + 2 * QUIET) >= PIXELS_A_MODULE * 4


def test_the_bar_shows_what_is_left_of_a_code_and_nothing_without_one(projector: Page) -> None:
    bar = "document.querySelector('.tick').getAnimations({ subtree: true })[0]"
    projector.wait_for_load_state("networkidle")
    next_code(projector)
    assert projector.evaluate(f"{bar}.effect.getTiming().duration") == 3000
    assert projector.evaluate(f"{bar}.currentTime") < 3000
    invitation = projector.get_by_text("Scan with your camera")
    expect(invitation).to_be_visible()
    projector.get_by_role("button", name="Pause the code").click()
    expect(invitation).to_be_hidden()
    assert projector.evaluate("getComputedStyle(document.querySelector('.tick'), '::before').visibility") == "hidden"


def test_a_phone_shows_the_code_first_and_nothing_overflows(projector: Page) -> None:
    projector.set_viewport_size({"width": 360, "height": 740})
    expect(projector.locator(".qr svg")).to_be_in_viewport(ratio=1)
    expect(projector.locator(".typed bdi")).to_be_in_viewport(ratio=1)
    assert projector.evaluate("document.documentElement.scrollWidth") <= 360
