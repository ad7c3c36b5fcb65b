"""Photos drawn anew: bounded in pixels, memory and number at a time before a single one of them is unfolded."""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pillow_heif
from PIL import Image, ImageOps, UnidentifiedImageError

from app.core.files.refusing import PIXELS, Crowded, Unfit

FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
MOST_PIXELS = 60_000_000  # more than any phone takes; a picture that unfolds further is a trap
MOST_UNFOLDED = 26_000_000  # of a stranger's picture that unfolds whole before it can be made small; a plain JPEG need not
SIDE, THUMB_SIDE, QUALITY = 2_560, 360, 84
PATIENCE = 3.0  # seconds one waits for the pictures of others
OURS, STRANGERS = threading.BoundedSemaphore(2), threading.BoundedSemaphore(1)  # so many unfold at a time in a process
DAMAGED = (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, RuntimeError, Image.DecompressionBombError,
           Image.DecompressionBombWarning)

pillow_heif.register_heif_opener(thumbnails=False, decode_threads=1)


@dataclass(frozen=True)
class Drawn:
    """A photo as JPEG with nothing but pixels, and a small one of it."""

    content: bytes
    thumb: bytes
    width: int
    height: int


def drawn_anew(content: bytes, stranger: bool) -> Drawn:
    """The right way up and at most SIDE pixels wide and high; Unfit when it is no picture, or more than one may send."""
    with _in_turn(STRANGERS if stranger else OURS):
        try:
            picture = _small(content, stranger)
        except DAMAGED as error:
            raise Unfit from error
        large = _jpeg(picture)
        width, height = picture.size
        picture.thumbnail((THUMB_SIDE, THUMB_SIDE))
        return Drawn(large, _jpeg(picture), width, height)


@contextmanager
def _in_turn(places: threading.BoundedSemaphore) -> Iterator[None]:
    if not places.acquire(timeout=PATIENCE):
        raise Crowded
    try:
        yield
    finally:
        places.release()


def _small(content: bytes, stranger: bool) -> Image.Image:
    """Only the head of a file is read before its pixels are counted; a JPEG is made small while it unfolds."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
            whole = opened.format != "JPEG" or "progressive" in opened.info
            if opened.width * opened.height > (MOST_UNFOLDED if stranger and whole else MOST_PIXELS):
                raise Unfit(PIXELS)
            picture: Image.Image = opened.convert("RGBA") if opened.mode in ("P", "1") else opened
            picture.thumbnail((SIDE, SIDE))
            return _flat(ImageOps.exif_transpose(picture))


def _flat(picture: Image.Image) -> Image.Image:
    """On white where it was transparent."""
    if picture.mode not in ("RGBA", "LA", "PA"):
        return picture.convert("RGB")
    clear = picture.convert("RGBA")
    white = Image.new("RGB", clear.size, "white")
    white.paste(clear, mask=clear.getchannel("A"))
    return white


def _jpeg(picture: Image.Image) -> bytes:
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=QUALITY, optimize=True)
    return target.getvalue()
