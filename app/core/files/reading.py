"""What somebody sends as a photo or file: told apart by its content, never by its name; photos are drawn anew.

A photo that is drawn anew has lost where and by what it was taken, and anything that hid in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from app.core.base.options import Option, option
from app.core.base.records import RuleError
from app.core.base.texts import kept_text
from app.core.files import archives, pictures, videos
from app.core.files.refusing import Unfit

SECTION = lazy_gettext("Photos and files")
LARGEST = option("file_megabytes", SECTION, lazy_gettext("Size of one file, at most"), default=15, least=1, most=50, unit=lazy_gettext("MB"))
LARGEST_VIDEO = option("video_megabytes", SECTION, lazy_gettext("Size of one video, at most"), default=40, least=1, most=50,
                       unit=lazy_gettext("MB"))
MOST = option("files_of_record", SECTION, lazy_gettext("Files of one record, at most"), default=30, least=1, most=500)
PHOTO, PAPER, VIDEO = "photo", "paper", "video"
MEGABYTE = 1024 * 1024
LONGEST_NAME = 100
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]")  # no part of a file's name


@dataclass(frozen=True)
class Sent:
    """A file that was looked at: what it is, what is kept of it, and a small picture of a photo."""

    name: str
    kind: str
    suffix: str
    content: bytes
    thumb: bytes | None = None
    width: int | None = None
    height: int | None = None


def largest_files() -> dict[str, int]:
    """How many megabytes a photo or paper, and a video may have."""
    return {PHOTO: LARGEST.value, VIDEO: LARGEST_VIDEO.value}


def looked_at(name: str, content: bytes, stranger: bool = False) -> Sent:
    """A photo (JPEG, PNG, WebP, HEIC), a paper (PDF, Word, Excel, zip) or a video; RuleError says why anything else is
    not kept. Of a ``stranger`` photos alone are taken, smaller ones, one at a time."""
    stem = _stem(name)
    if not content:
        raise RuleError(_("“%(name)s” is empty.", name=stem), "files")
    video = videos.is_video(content)
    _refuse_large(stem, len(content), LARGEST_VIDEO if video and not stranger else LARGEST)
    try:
        if stranger:
            return _photo(stem, content, stranger)
        if video:
            return Sent(stem, VIDEO, *videos.checked(content))
        suffix = archives.suffix_of(content)
        return Sent(stem, PAPER, suffix, content) if suffix else _photo(stem, content, stranger)
    except Unfit as unfit:
        raise RuleError(unfit.about(stem), "files") from unfit


def _stem(name: str) -> str:
    plain = UNSEEN.sub("", name.replace("\\", "/").rpartition("/")[2])
    return kept_text(plain.rpartition(".")[0])[:LONGEST_NAME] or _("Unnamed")


def _refuse_large(name: str, size: int, largest: Option) -> None:
    if size > largest.value * MEGABYTE:
        raise RuleError(_("“%(name)s” is larger than %(most)s MB: make it smaller, or send a photo of it.",
                          name=name, most=largest.value), "files")


def _photo(name: str, content: bytes, stranger: bool) -> Sent:
    drawn = pictures.drawn_anew(content, stranger)
    return Sent(name, PHOTO, ".jpg", drawn.content, drawn.thumb, drawn.width, drawn.height)
