"""Files that leave the console, under names in the office's own words."""

from __future__ import annotations

from typing import IO, Any
from urllib.parse import quote

from flask import send_file

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def sent_workbook(file: IO[bytes], title: str) -> Any:
    """A workbook as an attachment; ``title`` is its name without the ending."""
    answer = send_file(file, mimetype=XLSX, as_attachment=True, download_name="workbook.xlsx")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(title)}.xlsx"
    return answer
