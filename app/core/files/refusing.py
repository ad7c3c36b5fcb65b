"""Why a file is not kept, said once its name is known."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from app.core.base.records import RuleError


class Unfit(Exception):
    """Something about a file; its sentence has a place for the name."""

    def __init__(self, sentence: Any = "") -> None:
        super().__init__()
        self.sentence = sentence

    def about(self, name: str) -> str:
        if not self.sentence:
            return _("“%(name)s” is neither a photo (JPEG, PNG, WebP, HEIC), a video (MP4, MOV) nor a PDF, Word, Excel or zip "
                     "file, or it is damaged.", name=name)
        return str(self.sentence).replace("{name}", name)


class Crowded(RuleError):
    """Too many pictures arrive at once; nothing is kept, and what was typed and chosen is still there."""

    status = 503

    def __init__(self) -> None:
        super().__init__(_("Many photos arrive at this moment: wait a few seconds and send again. Nothing is lost."), "files")


PIXELS = lazy_gettext("“%(name)s” has more pixels than a photo: make it smaller.", name="{name}")
MACROS = lazy_gettext("“%(name)s” holds macros: save it without them and send it again.", name="{name}")
LOCKED = lazy_gettext("“%(name)s” has a password: nobody could look into it. Pack it without one and send it again.", name="{name}")
PROGRAMS = lazy_gettext("“%(name)s” holds a program or another archive: send the papers and photos in it alone.", name="{name}")
UNFOLDS = lazy_gettext("“%(name)s” unfolds to more than it may, or its inner names lead elsewhere: send the files in it one by one.",
                       name="{name}")
