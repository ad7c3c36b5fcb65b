"""Photos and files on the page of a record: added, looked at, taken away."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, send_file
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import ngettext

from app.core.base.records import RuleError
from app.core.base.scope import current
from app.core.files import attachments
from app.core.files.attachments import Attachment
from app.core.files.reading import Sent
from app.core.screens import sending
from app.core.screens.downloads import sent_file
from app.core.screens.screen import Screen
from app.db import db

SEALED = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def sent_files() -> tuple[list[Sent], list[str]]:
    """What a form brings that can be kept, and why the rest of it cannot; asked before anything is written."""
    return attachments.read_all(request.files.getlist("files"))


def tell(refused: list[str]) -> None:
    """What was not kept is said on the next page, whatever else was saved."""
    for sentence in refused:
        flash(sentence, "warning")


class FilePages(Screen):
    """Pages for what is kept with a record; only records that say ``__attachments__`` have them."""

    def keeps_files(self) -> bool:
        return bool(getattr(self.record, "__attachments__", False))

    def takes_files(self, row: Any) -> bool:
        """Whether the form of a record brings photos and files along: the first one does, later they have their own place."""
        return (row is None or row.id is None) and self.keeps_files() and self.may("attach")

    def files_of(self, row: Any) -> list[Attachment]:
        return attachments.of(row) if self.keeps_files() else []

    def may_remove(self, row: Any, kept: Attachment) -> bool:
        """One's own, and those of all others for whoever may delete the record; never what a step was taken with."""
        loose = kept.removed_at is None and kept.step_id is None and self.is_changeable(row)
        return loose and self.may("attach") and (kept.by == current().actor or self.may("delete"))

    def _keeping_row(self, pk: int) -> Any:
        return self.row_or_404(pk) if self.keeps_files() else abort(404)

    @expose("/attach/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("attach")
    @sending.once
    def attach(self, pk: int) -> Any:
        """Keeps photos and files with a record; for each that cannot be kept a sentence says why."""
        row, back = self._keeping_row(pk), f"{self.route_base}/show/{pk}#files"
        if not self.may_now("attach", row):
            return self.stays_as_it_is(row)
        try:
            sent, refused = sent_files()
            sending.claim()(back)
            kept = attachments.attach(row, sent)
            db.session.commit()
            if kept:
                flash(ngettext("%(count)s file is kept.", "%(count)s files are kept.", len(kept), count=len(kept)), "success")
            elif not refused:
                flash(_("Choose a file first."), "warning")
            tell(refused)
        except RuleError as error:
            db.session.rollback()
            flash(str(error), "danger")
        return redirect(back)

    @expose("/file/<int:pk>/<int:number>")
    @expose("/file/<int:pk>/<int:number>/<any(small):size>")
    @has_access
    @permission_name("show")
    def file(self, pk: int, number: int, size: str = "") -> Any:
        """A photo to be looked at, a paper to be saved; for whoever may see the record."""
        row = self._keeping_row(pk)
        kept = attachments.one_of(row, number)
        path = kept and (kept.thumb if size and kept.is_photo else kept.path)
        if kept is None or path is None or not path.is_file():
            abort(404)
        name = f"{getattr(row, 'number', row.id)}_{kept.file_name}"
        answer = (send_file(path, mimetype="image/jpeg", download_name=name) if kept.is_photo
                  else sent_file(path.open("rb"), name))
        answer.headers["Content-Security-Policy"] = SEALED
        return answer

    @expose("/detach/<int:pk>/<int:number>", methods=["POST"])
    @has_access
    @permission_name("attach")
    def detach(self, pk: int, number: int) -> Any:
        """Takes a file away; the page goes on naming it, and who took it away when."""
        row = self._keeping_row(pk)
        kept = attachments.one_of(row, number) or abort(404)
        if not self.is_changeable(row):
            return self.stays_as_it_is(row)
        if not self.may_remove(row, kept):
            abort(403)
        attachments.remove(kept)
        db.session.commit()
        flash(_("Taken away: %(name)s.", name=kept.file_name), "success")
        return redirect(f"{self.route_base}/show/{pk}#files")
