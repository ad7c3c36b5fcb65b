"""Files that leave the console, under names in the office's own words."""

from __future__ import annotations

import mimetypes
import re
from typing import IO, Any
from urllib.parse import quote

from flask import send_file

UNFIT, LONGEST_PART, LONGEST_NAME = re.compile(r"[\\/:*?\"<>|\x00-\x1f]"), 40, 75  # a disk takes 255 bytes
OFFICE = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def named(*parts: str) -> str:
    """A file name of what is in the file: its kind, place, filter and day; no sign in it that a disk refuses."""
    return "_".join(found[:LONGEST_PART] for part in parts if (found := UNFIT.sub("", part)))[:LONGEST_NAME]


def sent_file(file: IO[bytes], name: str) -> Any:
    """A file as an attachment; ``name`` is what it is called on the user's disk."""
    suffix = name[name.rfind("."):]
    kind = OFFICE.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    answer = send_file(file, mimetype=kind, as_attachment=True, download_name=f"file{suffix}")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return answer
