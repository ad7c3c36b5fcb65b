"""Files that leave the console, under names in the office's own words."""

from __future__ import annotations

import mimetypes
from typing import IO, Any
from urllib.parse import quote

from flask import send_file

OFFICE = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def sent_file(file: IO[bytes], name: str) -> Any:
    """A file as an attachment; ``name`` is what it is called on the user's disk."""
    suffix = name[name.rfind("."):]
    kind = OFFICE.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    answer = send_file(file, mimetype=kind, as_attachment=True, download_name=f"file{suffix}")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return answer
