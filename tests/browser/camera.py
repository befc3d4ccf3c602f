"""A phone with a camera that films the projector: Chromium plays a file as its camera, and the file is written anew."""

import os
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageFilter
from playwright.sync_api import Page

SIZE = (960, 540)
WALL = Image.new("L", SIZE, 70)
"""What the camera sees of a hall but its screen."""


class Camera:
    """A film of one picture in the YUV4MPEG2 form, which Chromium reads again for each frame."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.show(WALL)

    @property
    def flags(self) -> list[str]:
        """What makes a Chromium use it."""
        return [f"--use-file-for-fake-video-capture={self.file}", "--use-fake-device-for-media-stream"]

    def film(self, projector: Page) -> Image.Image:
        """Show what stands on the projector now, as seen from the middle of the hall, and return the picture."""
        picture = seen_from_the_hall(photo_of(projector))
        self.show(picture)
        return picture

    def show(self, picture: Image.Image) -> None:
        """Put a picture before the lens. The file keeps its length, so that a frame is at worst half of each."""
        light = picture.convert("L").resize(SIZE).tobytes()
        colour = bytes([128]) * (len(light) // 2)
        header = f"YUV4MPEG2 W{SIZE[0]} H{SIZE[1]} F20:1 Ip A1:1 C420jpeg\nFRAME\n".encode()
        descriptor = os.open(self.file, os.O_WRONLY | os.O_CREAT)
        try:
            os.pwrite(descriptor, header + light + colour, 0)
        finally:
            os.close(descriptor)


def photo_of(projector: Page) -> Image.Image:
    """Photograph a page, with the losses of a photograph."""
    return Image.open(BytesIO(projector.screenshot(type="jpeg", quality=85)))


def seen_from_the_hall(photo: Image.Image) -> Image.Image:
    """Return the picture of somebody who sits where the screen fills two thirds of the view, not quite sharp."""
    view = WALL.copy()
    width = SIZE[0] * 2 // 3
    screen = photo.convert("L").resize((width, width * photo.height // photo.width), Image.Resampling.LANCZOS)
    view.paste(screen, (SIZE[0] // 4, SIZE[1] // 6))
    return view.filter(ImageFilter.GaussianBlur(0.6))
