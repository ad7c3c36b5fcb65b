"""What residents sent through the public door: each with a code only its sender knows; what looks like spam waits here."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import abort, flash, redirect
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import DateTime, Index, String, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from app.core.asking.values import reader_of
from app.core.base.crypto import Encrypted, keyring
from app.core.base.fields import field, fields_of
from app.core.base.masks import masked
from app.core.base.moments import now
from app.core.base.records import Choices, RuleError
from app.core.base.registry import record_by_name, record_name, record_views, view_of
from app.core.base.scope import Scoped, acting
from app.core.base.texts import normalize_text
from app.core.cases.loop import MERGE
from app.core.cases.public import RESIDENT, PublicForm
from app.core.cases.records import Case
from app.core.cases.taking import take
from app.core.files.attachments import attach, hand_over, of, remove
from app.core.files.reading import Sent
from app.core.keeping.saving import save
from app.core.keeping.sendings import claim
from app.core.screens import NamedFilter, RecordView
from app.core.telling.display import shown
from app.db import db

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is taken for something else on paper
CODE_LENGTH = 12
WAITING, TAKEN, SPAM = "waiting", "taken", "spam"
LINK = re.compile(r"https?:|www\.|\.(?:com|cn|net|top|xyz)\b", re.IGNORECASE)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
QUICKEST, SAME_WITHIN = timedelta(seconds=4), timedelta(days=1)


class PublicReport(Scoped):
    """One report through the public door, until and after it became a case (plan 机制四, 六(四)5).

    What was typed is kept encrypted while it waits, and wiped once it is a case or was put aside.
    """

    __tablename__ = "public_report"
    __label__ = _("Report of a resident")
    __attachments__ = True
    __natural_key__ = ("number",)
    __table_args__ = (Index("ix_public_report_state", "state", "grid_code", "id"),)

    number: Mapped[str] = field(_("Receipt number"), String(24), derived=True, listed=True, unique=True, search="exact")
    case_type: Mapped[str] = field(_("Case type"), String(20), dictionary="case_type", derived=True, listed=True)
    title: Mapped[str] = field(_("About"), String(80), derived=True, listed=True, search="text")
    state: Mapped[str] = field(_("State"), String(8), dictionary="public_state", derived=True, listed=True)
    signs: Mapped[list[str] | None] = field(_("Looks like spam"), Choices(60), dictionary="spam_sign", derived=True, listed=True,
                                            nullable=True, chart=False)
    sent_at: Mapped[datetime] = field(_("Sent at"), DateTime, derived=True, listed=True)
    case_number: Mapped[str | None] = field(_("Case number"), String(24), derived=True, listed=True, index=True)
    typed: Mapped[str | None] = mapped_column(Encrypted(0))
    code_digest: Mapped[str] = mapped_column(String(32), unique=True)
    text_digest: Mapped[str] = mapped_column(String(32), index=True)
    proof_digest: Mapped[str] = mapped_column(String(32), unique=True)

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def searchable(self) -> tuple[str | None, ...]:
        return (self.number, self.title)

    @property
    def values(self) -> dict[str, Any]:
        """What the resident typed, as long as it waits; each value of the kind its column has."""
        record: Any = record_by_name(self.case_type)
        words = fields_of(record)
        kept = json.loads(self.typed) if self.typed else {}
        return {name: reader_of(words[name])(value) if words[name].kind == "decimal" else value for name, value in kept.items()}

    @property
    def case(self) -> Any:
        """The case it became; the last one that took it in, where that was merged. None while it waits."""
        record: Any = record_by_name(self.case_type)
        found, seen, following = None, set(), self.case_number
        while following and following not in seen:
            seen.add(following)
            found = db.session.scalar(select(record).where(record.number == following)) or found
            following = found.merged_into if found is not None else None
        return found


def public_types() -> dict[str, PublicForm]:
    """The types of case residents may report, by name, in the order of the menu."""
    return {record_name(view.record): view.record.public for view in record_views()
            if issubclass(view.record, Case) and view.record.public is not None}


def new_code() -> str:
    """Twelve letters at random, in groups that can be read out: about 59 bits."""
    return _in_groups("".join(secrets.choice(LETTERS) for _place in range(CODE_LENGTH)))


def code_of(form_key: str) -> str:
    """The code of a report that was sent on a form with this key: the same again, though it is kept nowhere."""
    number, letters = int(keyring().digest("public code of a form", form_key), 16), ""
    for _place in range(CODE_LENGTH):
        number, place = divmod(number, len(LETTERS))
        letters += LETTERS[place]
    return _in_groups(letters)


def _in_groups(letters: str) -> str:
    return "-".join(letters[start:start + 4] for start in range(0, CODE_LENGTH, 4))


def digest_of(code: str) -> str:
    """What a code is found by; blanks, hyphens and small letters do not matter."""
    plain = re.sub(r"[\s-]", "", normalize_text(code)).upper()
    return keyring().digest("public code", plain)


def submit(kind: str, grid_code: str, values: dict[str, Any], proof: str, *, began: datetime | None, trapped: bool,
           photos: Sequence[Sent] = (), form: tuple[str, str] = ("", ""), same_as: str = "") -> tuple[str, PublicReport]:
    """Takes a report in: (code, report). A clean one becomes a case at once, a doubtful one waits for somebody.

    ``values`` are checked values of the columns its form asks for, ``proof`` the work that was done for it, once;
    ``began`` is when that was handed out; ``form`` is the key of the form and a digest of what stood in it,
    ``same_as`` the number of the open case the sender says it is: then it is merged there at once.
    RuleError when a rule of the record refuses it, SentAlready when the form arrived before.
    """
    record: Any = record_by_name(kind)
    asked: PublicForm = record.public
    text = "\n".join(str(value) for name, value in sorted(values.items()) if isinstance(value, str))
    code = code_of(form[0]) if form[0] else new_code()
    report = PublicReport(
        number=f"GZ{now():%y%m%d}{secrets.randbelow(10**6):06d}", case_type=kind, grid_code=grid_code, state=WAITING,
        title=str(values[asked.must[0]])[:80], sent_at=now(), code_digest=digest_of(code),
        text_digest=keyring().digest("public text", kind, grid_code, text), proof_digest=_proof_digest(proof),
        typed=json.dumps(values, ensure_ascii=False, default=str))
    with acting(RESIDENT):
        claim(form[0], RESIDENT.actor, form[1])
        report.signs = signs_of(report, text, began, trapped) or None
        db.session.add(report)
        try:
            db.session.flush()
        except IntegrityError as error:
            db.session.rollback()
            raise SentBefore from error
        attach(report, list(photos))
        if not report.signs:
            _join(make_case(report), same_as)
        save(report)
        return code, report


class SentBefore(RuleError):
    """The work that was done for this report was done for another one already."""

    def __init__(self) -> None:
        super().__init__(gettext("This was sent already: if you want to report something else, reload the page."))


def refuse_used(proof: str) -> None:
    """SentBefore when this work was handed in already: one report for each."""
    with acting(RESIDENT):
        if db.session.scalar(select(PublicReport.id).where(PublicReport.proof_digest == _proof_digest(proof))):
            raise SentBefore


def _proof_digest(proof: str) -> str:
    return keyring().digest("proof", proof)


def signs_of(report: PublicReport, text: str, began: datetime | None, trapped: bool) -> list[str]:
    """Why a report should be looked at before it costs anybody's time."""
    repeated = select(PublicReport.id).where(
        PublicReport.text_digest == report.text_digest, PublicReport.sent_at > now() - SAME_WITHIN).limit(1)
    found = {"trap": trapped, "fast": began is not None and now() - began < QUICKEST,
             "links": len(LINK.findall(text)) > 1, "script": not CHINESE.search(text),
             "repeated": db.session.scalar(repeated) is not None}
    return [name for name, so in found.items() if so]


def make_case(report: PublicReport) -> Any:
    """The case of a report; the caller saves. What was typed lives on in the case alone."""
    record: Any = record_by_name(report.case_type)
    case = record(grid_code=report.grid_code, by_public=True, **{**record.public.given, **report.values})
    db.session.add(case)
    db.session.flush()
    report.case_number, report.state, report.typed = case.number, TAKEN, None
    hand_over(report, case)
    return case


def _join(case: Any, number: str) -> None:
    """Merges a new case into the one its reporter pointed at, as long as that is open."""
    main = db.session.scalar(select(type(case)).where(type(case).number == number)) if number else None
    if main is not None and main.is_open:
        take(case, case.workflow.by_name[MERGE], {"merged_into": number}, gettext("The resident says that it is the same."))


def find_report(code: str) -> PublicReport | None:
    """The report of a code; for whoever knows it, and for nobody else."""
    return db.session.scalar(select(PublicReport).where(PublicReport.code_digest == digest_of(code)))


class PublicReportView(RecordView):
    """The queue of reports that look like spam, and where every other one went."""

    record = PublicReport
    show_page = "public_report"
    menu_order = 90
    icon = "fa-inbox"
    named_filters = {"waiting": NamedFilter(_("To be looked at"), lambda report: report.state == WAITING)}

    def extras(self, row: PublicReport) -> dict[str, Any]:
        record: Any = record_by_name(row.case_type)
        words = fields_of(record)
        typed = [(words[name].label, masked(words[name], str(value)) if words[name].mask else value)
                 for name, value in row.values.items() if name in words and value not in (None, "")]
        case = row.case
        view = view_of(record)
        return {"typed": typed, "case": case, "case_url": f"{view.route_base}/show/{case.id}" if case and view else "",
                "signs": shown(self.words["signs"], row.signs) if row.signs else "",
                "deciding": row.state == WAITING and self.may("decide")}

    @expose("/decide/<int:pk>/<any(take, spam):what>", methods=["POST"])
    @has_access
    @permission_name("decide")
    def decide(self, pk: int, what: str) -> Any:
        """Makes a case of a report that only looked like spam, or puts it aside."""
        row: Any = self.row_or_404(pk)
        row = db.session.get(PublicReport, pk, with_for_update=True, populate_existing=True) or abort(404)
        if row.state != WAITING:
            raise RuleError(gettext("Somebody decided about this report just now."))
        if what == "spam":
            row.state, row.typed = SPAM, None
            for kept in of(row):
                remove(kept)
            save(row)
            flash(gettext("Put aside as spam."), "success")
            return redirect(f"{self.route_base}/list/?f.waiting=1")
        case = make_case(row)
        save(row)
        flash(gettext("It is case %(number)s now.", number=case.number), "success")
        view: Any = view_of(type(case))
        return redirect(f"{view.route_base}/show/{case.id}" if view else f"{self.route_base}/show/{pk}")
