"""What somebody sends as a photo or file: told apart by its content, never by its name; photos are drawn anew.

A photo that is drawn anew has lost where and by what it was taken, and anything that hid in it.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from PIL import Image, ImageOps, UnidentifiedImageError

from app.core.base.options import option
from app.core.base.records import RuleError
from app.core.base.texts import kept_text

SECTION = lazy_gettext("Photos and files")
LARGEST = option("file_megabytes", SECTION, lazy_gettext("Size of one file, at most"), default=15, least=1, most=50, unit=lazy_gettext("MB"))
MOST = option("files_of_record", SECTION, lazy_gettext("Files of one record, at most"), default=30, least=1, most=500)
PHOTO, PAPER = "photo", "paper"
FORMATS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 60_000_000  # more than any phone takes; a picture that unfolds further is a trap
SIDE, THUMB_SIDE, QUALITY = 2_560, 360, 84
OFFICE = {"word/document.xml": ".docx", "xl/workbook.xml": ".xlsx"}
MOST_UNFOLDED = 200 * 1024 * 1024
APPLE = (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftyphevc")
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


def looked_at(name: str, content: bytes) -> Sent:
    """A photo (JPEG, PNG, WebP) or a paper (PDF, Word, Excel); RuleError says why anything else is not kept."""
    plain = UNSEEN.sub("", name.replace("\\", "/").rpartition("/")[2])
    stem = kept_text(plain.rpartition(".")[0])[:LONGEST_NAME] or _("Unnamed")
    if not content:
        raise RuleError(_("“%(name)s” is empty.", name=stem), "files")
    if len(content) > LARGEST.value * 1024 * 1024:
        raise RuleError(_("“%(name)s” is larger than %(most)s MB: make it smaller, or send a photo of it.",
                          name=stem, most=LARGEST.value), "files")
    if content[4:12] in APPLE:
        raise RuleError(_("“%(name)s” is in Apple's own format: on the phone choose 设置 → 相机 → 格式 → 兼容性最佳, or send a "
                          "screenshot of it.", name=stem), "files")
    if content.startswith(b"%PDF-"):
        return Sent(stem, PAPER, ".pdf", content)
    if content.startswith(b"PK\x03\x04"):
        return Sent(stem, PAPER, _office_suffix(stem, content), content)
    return _photo(stem, content)


def _unknown(name: str) -> RuleError:
    return RuleError(_("“%(name)s” is neither a photo (JPEG, PNG, WebP) nor a PDF, Word or Excel file, or it is damaged.",
                       name=name), "files")


def _office_suffix(name: str, content: bytes) -> str:
    """Of a Word or Excel file without macros."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = {part.filename: part.file_size for part in archive.infolist()}
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise _unknown(name) from error
    suffix = next((found for part, found in OFFICE.items() if part in parts), "")
    if not suffix or sum(parts.values()) > MOST_UNFOLDED:
        raise _unknown(name)
    if any(part.endswith("vbaProject.bin") for part in parts):
        raise RuleError(_("“%(name)s” holds macros: save it without them and send it again.", name=name), "files")
    return suffix


def _photo(name: str, content: bytes) -> Sent:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise RuleError(_("“%(name)s” has more pixels than a photo: make it smaller.", name=name), "files")
                picture = _upright(opened)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError,
            Image.DecompressionBombWarning) as error:
        raise _unknown(name) from error
    return Sent(name, PHOTO, ".jpg", _drawn(picture, SIDE), _drawn(picture, THUMB_SIDE), *_fitted(picture, SIDE).size)


def _upright(picture: Image.Image) -> Image.Image:
    """The right way up, on white where it was transparent."""
    turned = ImageOps.exif_transpose(picture)
    if turned.mode in ("RGBA", "LA", "PA", "P"):
        turned = turned.convert("RGBA")
        white = Image.new("RGB", turned.size, "white")
        white.paste(turned, mask=turned.getchannel("A"))
        return white
    return turned.convert("RGB")


def _fitted(picture: Image.Image, side: int) -> Image.Image:
    small = picture.copy()
    small.thumbnail((side, side))
    return small


def _drawn(picture: Image.Image, side: int) -> bytes:
    """As JPEG with nothing but pixels, at most ``side`` pixels wide and high."""
    target = io.BytesIO()
    _fitted(picture, side).save(target, "JPEG", quality=QUALITY, optimize=True)
    return target.getvalue()
