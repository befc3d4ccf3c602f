"""What is drawn is read back by a decoder that knows nothing of us, from a small picture as well."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from attendance.qr.image import QUIET, drawing_of
from tests.qr.decoder import picture_of, texts_in

ADDRESS = "HTTPS://ATT.ALDERMOOR.EDU/C/3F9KRWPRCWDMPOB4MWJE"
addresses = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-./:", min_size=8, max_size=77)


@given(addresses)
def test_an_address_is_read_back_from_29_modules(address: str) -> None:
    drawing = drawing_of(address)
    assert drawing.side == 29 + 2 * QUIET
    assert texts_in(picture_of(drawing)) == [address]


def test_a_very_long_address_gets_more_modules_and_is_read_as_well() -> None:
    address = "HTTPS://ATTENDANCE.FACULTY-OF-INFORMATICS.UNIVERSITY-OF-ALDERMOOR.AC.UK/C/3F9KRWPRCWDMPOB4MWJE"
    drawing = drawing_of(address)
    assert drawing.side > 29 + 2 * QUIET
    assert texts_in(picture_of(drawing)) == [address]


@pytest.mark.parametrize("pixels_per_module", [3.2, 5, 9.7])
def test_a_photo_from_the_back_row_is_read(pixels_per_module: float) -> None:
    side = round(drawing_of(ADDRESS).side * pixels_per_module)
    photo = picture_of(drawing_of(ADDRESS), 16).resize((side, side), Image.Resampling.BILINEAR)
    assert texts_in(photo) == [ADDRESS]


def test_the_white_around_it_is_part_of_the_drawing() -> None:
    drawing = drawing_of(ADDRESS)
    assert drawing.path.startswith(f"M{QUIET} {QUIET}.5h7"), "the first corner begins behind four modules of white"
