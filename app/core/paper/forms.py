"""A blank form as an administrator sent it: kept with the database, so that a backup has it too."""

from __future__ import annotations

import tempfile
from datetime import datetime
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile

from docx.opc.exceptions import PackageNotFoundError
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, LargeBinary, String, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core.base.moments import now
from app.core.base.records import Record, RuleError
from app.core.base.scope import current
from app.core.paper import documents, workbooks
from app.core.paper.filling import Filling
from app.core.sheets.reading.guards import SheetError, check_archive
from app.db import db

FILLERS = {".xlsx": workbooks.fill, ".docx": documents.fill}
PARTS = {".xlsx": "xl/workbook.xml", ".docx": "word/document.xml"}
MAX_BYTES = 2 * 1024 * 1024


class PaperForm(db.Model):
    """One blank form for the rows of one record; ``suffix`` says whether it is a workbook or a document."""

    __tablename__ = "paper_form"
    __table_args__ = (UniqueConstraint("record", "name", name="uq_paper_form"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(60))
    suffix: Mapped[str] = mapped_column(String(5))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]

    @classmethod
    def keep(cls, record: type[Record], name: str, suffix: str, content: bytes) -> None:
        """Keeps a blank form; one of the same name takes the first one's place. RuleError when it is none."""
        if not name:
            raise RuleError(_("Give the form a name."), "name")
        check(suffix, content)
        cls.drop(record, cls.name == name)
        db.session.add(cls(record=record.__tablename__, name=name[:60], suffix=suffix, content=content,
                           by=current().actor or "system", at=now()))
        db.session.commit()

    @classmethod
    def drop(cls, record: type[Record], which: ColumnElement[bool]) -> None:
        db.session.execute(delete(cls).where(cls.record == record.__tablename__, which))
        db.session.commit()

    def blank(self) -> BytesIO:
        return BytesIO(self.content)

    def filled(self, filling: Filling) -> BytesIO:
        """The form with its placeholders filled."""
        file = BytesIO()
        FILLERS[self.suffix](self.blank(), filling, file)
        file.seek(0)
        return file


def check(suffix: str, content: bytes) -> None:
    """Refuses with a sentence what is no workbook or document, is too large, or cannot be opened."""
    if suffix not in FILLERS:
        raise RuleError(_("A form is an .xlsx workbook or a .docx document: save it as one of these."), "file")
    if len(content) > MAX_BYTES:
        raise RuleError(_("A form has at most 2 MB: take large pictures out."), "file")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"form{suffix}"
        path.write_bytes(content)
        try:
            check_archive(path, PARTS[suffix])
            FILLERS[suffix](BytesIO(content), Filling(), BytesIO())
        except SheetError as error:
            raise RuleError(error.message, "file") from error
        except (BadZipFile, PackageNotFoundError, KeyError, ValueError, TypeError) as error:
            raise RuleError(_("This form cannot be opened: save it again in Excel, Word or WPS and retry."),
                            "file") from error


def paper_forms(record: type[Record]) -> list[PaperForm]:
    """The blank forms of a record, by name."""
    return list(db.session.scalars(select(PaperForm).where(
        PaperForm.record == record.__tablename__).order_by(PaperForm.name)))
