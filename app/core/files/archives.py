"""Papers by their content: PDF, Word and Excel without macros, and archives in which every single file was looked at."""

from __future__ import annotations

import io
import zipfile
import zlib

from app.core.files.refusing import LOCKED, MACROS, PROGRAMS, UNFOLDS, Unfit

PDF, ZIP, OLE = b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OFFICE = {"word/document.xml": ".docx", "xl/workbook.xml": ".xlsx"}
ENTRY = b"PK\x01\x02"
MOST_UNFOLDED, MOST_FILES, MOST_TIMES = 200 * 1024 * 1024, 500, 200
MOST_ENTRIES, MOST_INNER = 5000, 50 * 1024 * 1024  # of a directory, which is read whole; bytes of a Word or Excel file in an archive
SLACK = 1024 * 1024  # so much may unfold from hardly anything
PROGRAM = (b"MZ", b"\x7fELF", b"#!", b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
PROGRAM_NAMES = (".exe", ".com", ".scr", ".bat", ".cmd", ".ps1", ".vbs", ".js", ".jse", ".wsf", ".hta", ".lnk", ".msi", ".jar",
                 ".reg", ".html", ".htm", ".svg", ".url")
LINK = 0o120000


def suffix_of(content: bytes) -> str:
    """The true suffix of a paper; nothing when it is none, Unfit when it is one that is not kept."""
    if content.startswith(PDF):
        return ".pdf"
    if content.startswith(OLE):
        return _old_word(content)
    return _packed(content) if content.startswith(ZIP) else ""


def _old_word(content: bytes) -> str:
    """Word before 2007 (and WPS): its document is a named stream, and so are its macros."""
    if "WordDocument".encode("utf-16-le") not in content:
        raise Unfit
    if any(name.encode("utf-16-le") in content for name in ("_VBA_PROJECT", "Macros")):
        raise Unfit(MACROS)
    return ".doc"


def _packed(content: bytes) -> str:
    """Of a Word or Excel file without macros, or of an archive."""
    try:
        with _opened(content) as archive:
            suffix = _office(archive)
            if suffix:
                return suffix
            _look_through(archive, len(content))
    except (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, EOFError, OSError) as error:
        raise Unfit from error
    return ".zip"


def _opened(content: bytes) -> zipfile.ZipFile:
    """Unfit before its directory is read, where that names more than anybody packs: each entry costs memory."""
    if content.count(ENTRY) > MOST_ENTRIES:
        raise Unfit(UNFOLDS)
    return zipfile.ZipFile(io.BytesIO(content))


def _office(archive: zipfile.ZipFile) -> str:
    parts = {part.filename: part.file_size for part in archive.infolist()}
    suffix = next((found for part, found in OFFICE.items() if part in parts), "")
    if suffix and sum(parts.values()) > MOST_UNFOLDED:
        raise Unfit
    if suffix and any(part.endswith("vbaProject.bin") for part in parts):
        raise Unfit(MACROS)
    return suffix


def _look_through(archive: zipfile.ZipFile, size: int) -> None:
    """What an archive says of itself first, then every file in it, to its end: one that lies about its size is damaged."""
    parts = [part for part in archive.infolist() if not part.is_dir()]
    if not parts:
        raise Unfit
    if any(part.flag_bits & 1 for part in parts):
        raise Unfit(LOCKED)
    if (len(parts) > MOST_FILES or sum(part.file_size for part in parts) > MOST_UNFOLDED
            or sum(part.compress_size for part in parts) > size or any(_strange(part) for part in archive.infolist())):
        raise Unfit(UNFOLDS)
    for part in parts:
        _look_into(archive, part)


def _strange(part: zipfile.ZipInfo) -> bool:
    """A name that leads out of the folder, a link, or far more than could be packed so small."""
    name = part.orig_filename.replace("\\", "/")
    return (name.startswith("/") or ":" in name or ".." in name.split("/") or part.external_attr >> 16 & 0o170000 == LINK
            or part.file_size > part.compress_size * MOST_TIMES + SLACK)


def _look_into(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    if part.filename.lower().endswith(PROGRAM_NAMES):
        raise Unfit(PROGRAMS)
    with archive.open(part) as file:
        begins = file.read(8)
        if begins.startswith(PROGRAM):
            raise Unfit(PROGRAMS)
        if begins.startswith((ZIP, OLE)):
            if part.file_size > MOST_INNER:
                raise Unfit(UNFOLDS)
            return _inner(begins + file.read())
        while file.read(SLACK):
            pass


def _inner(content: bytes) -> None:
    """A packed file in an archive is a Word or Excel file, or the archive is refused; nothing goes a floor deeper."""
    if content.startswith(OLE):
        _old_word(content)
        return
    with _opened(content) as archive:
        if not _office(archive):
            raise Unfit(PROGRAMS)
