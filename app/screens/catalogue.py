"""The Chinese of the program, read from its source at a start: nothing compiled lies about to grow old."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.support import Translations

from config import ROOT, Refusal

FOLDER = ROOT / "translations"


@cache
def catalogue(language: str, under: tuple[str, ...] = (), folder: Path = FOLDER) -> Translations:
    """The words of a language, built in memory once a process (a tenth of a second): ours over those of other folders.

    English has none of ours, it is the language of the source. Refusal when a line of the file cannot be read: it would
    take its words away in silence.
    """
    words = Translations()
    for base in under:
        theirs = Translations.load(base, [language])
        if isinstance(theirs, Translations):
            words.merge(theirs)
    source = folder / language / "LC_MESSAGES" / "messages.po"
    if source.exists():
        own = _built(source)
        words.merge(own)
        words.plural = own.plural
    return words


def _built(source: Path) -> Translations:
    built = BytesIO()
    try:
        with source.open("rb") as file:
            write_mo(built, read_po(file, abort_invalid=True))
    except PoFileError as error:
        line = error.lineno + 1  # Babel counts from nought
        raise Refusal(f"译文文件第 {line} 行无法读取，请改正：{source} / Line {line} of the translations cannot be read, put "
                      f"it right: {source}") from error
    built.seek(0)
    return Translations(built)
