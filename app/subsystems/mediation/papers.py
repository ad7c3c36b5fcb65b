"""The papers of a dossier, in the order they lie in it (卷宗, 人民调解工作规范); blank forms where nothing is written yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask_babel import lazy_gettext as _

from app.core.cases.papers import Paper
from app.core.cases.timeline import CaseStep
from app.core.files import attachments
from app.subsystems.mediation import dossier


@dataclass(frozen=True)
class Contents:
    """What lies in a dossier: its lines with their first and last page, and how many pages and files there are."""

    lines: list[tuple[dossier.Line, int, int]]
    pages: int
    files: int


def contents(dispute: Any, _taken: Sequence[CaseStep]) -> list[Contents]:
    """The papers that are there, numbered through from the first page on."""
    page, found = 1, []
    for line in (line for line in dossier.directory(dispute) if line.there):
        pages = (line.paper.pages if line.paper else None) or 1
        found.append((line, page, page + pages - 1))
        page += pages
    return [Contents(found, page - 1, attachments.count_of(dispute))]


def _enquiries(_dispute: Any, taken: Sequence[CaseStep]) -> list[Any]:
    return [entry for entry in taken if entry.step == "verify"] or [None]


def _may_agree(dispute: Any, _taken: Sequence[CaseStep]) -> bool:
    """There is an agreement, or there may be one yet."""
    return bool(dispute.agreement) or dispute.is_open


_paper = partial(Paper, in_set=True)
DOSSIER = (
    _paper("cover", _("Cover"), "printed/dispute_cover.html", parts=contents),
    _paper("directory", _("Directory of the dossier"), "printed/dispute_directory.html", parts=contents),
    _paper("register", _("Registration of a dispute"), "printed/dispute_register.html"),
    _paper("inquiry", _("Record of enquiries"), "printed/dispute_inquiry.html", parts=_enquiries),
    _paper("mediation", _("Record of mediation"), "printed/dispute_mediation.html", parts=lambda dispute, taken: list(dispute.mediations) or [None]),
    _paper("agreement", _("Mediation agreement"), "printed/dispute_agreement.html", there=_may_agree),
    _paper("revisit", _("Record of revisits"), "printed/dispute_revisit.html", parts=lambda dispute, taken: list(dispute.revisits) or [None]),
    _paper("back", _("Back cover"), "printed/dispute_back.html", parts=contents),
)
