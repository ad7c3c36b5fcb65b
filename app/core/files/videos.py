"""Videos of phones (MP4, MOV, 3GP): told by their boxes; where and by what they were taken is wiped where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from app.core.files.refusing import Unfit

BRANDS = {b"qt  ": ".mov"}  # what every other brand is called: MP4
PICTURES = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis")
TELLING = (b"udta", b"meta", b"uuid")  # boxes with place, device, owner; a player needs none of them
INSIDE = (b"moov", b"trak")
HEAD, LONG_HEAD = 8, 16
MOST_BOXES = 20_000  # looked into in all: a film in fragments has some a second
DEEPEST = 4  # a track lies in the film, and nothing we look into lies deeper


def is_video(content: bytes) -> bool:
    """Whether it is a file of boxes that is no picture."""
    return content[4:8] == b"ftyp" and content[8:12] not in PICTURES


def checked(content: bytes) -> tuple[str, bytes]:
    """(suffix, the video without what tells where it was taken); Unfit when its boxes do not add up."""
    kept, met = bytearray(content), count()
    kinds = {kind for kind, *_rest in _boxes(kept, 0, len(kept), met)}
    if b"moov" not in kinds or b"mdat" not in kinds:
        raise Unfit
    _wipe(kept, 0, len(kept), met)
    return BRANDS.get(content[8:12], ".mp4"), bytes(kept)


def _wipe(content: bytearray, start: int, end: int, met: Iterator[int], depth: int = 0) -> None:
    """What tells too much becomes free space of the same size, so that nothing else moves."""
    if depth > DEEPEST:
        raise Unfit
    for kind, at, inner, last in _boxes(content, start, end, met):
        if kind in TELLING:
            content[at + 4:at + HEAD] = b"free"
            content[inner:last] = bytes(last - inner)
        elif kind in INSIDE:
            _wipe(content, inner, last, met, depth + 1)


def _boxes(content: bytearray, start: int, end: int, met: Iterator[int]) -> Iterator[tuple[bytes, int, int, int]]:
    """(kind, where it begins, where its inside begins, where it ends) of the boxes of a part; ``met`` counts those of the whole."""
    while start < end:
        size, kind, head = int.from_bytes(content[start:start + 4]), bytes(content[start + 4:start + HEAD]), HEAD
        if size == 1:
            size, head = int.from_bytes(content[start + HEAD:start + LONG_HEAD]), LONG_HEAD
        size = size or end - start
        if size < head or start + size > end or next(met) >= MOST_BOXES:
            raise Unfit
        yield kind, start, start + head, start + size
        start += size
