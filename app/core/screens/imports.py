"""Workbooks into a list: sent, checked, looked at, put right on the page, and only then written."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import abort, flash, redirect, request
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.core.base.records import RuleError
from app.core.base.registry import record_name
from app.core.base.scope import current
from app.core.jobs.kinds import Kind, again, enqueue
from app.core.jobs.records import DONE, Job
from app.core.jobs.running import run_now
from app.core.screens import import_parts as parts
from app.core.screens import import_values as values
from app.core.screens.downloads import sent_file
from app.core.screens.jobs import own_job, told
from app.core.screens.screen import Screen
from app.core.sheets.background import (
    UPLOAD,
    apply_import,
    check_import,
    found_of,
    move_draft,
    outcome_of,
)
from app.core.sheets.checking.drafts import CHANGED, NEW, SAME
from app.core.sheets.checking.how import BLANKS, BOTH, LEAVE, MODES
from app.core.sheets.checking.outcome import ERROR, NOTE
from app.core.sheets.checking.placing import DOUBTS
from app.core.sheets.checking.plan import PLAN, Plan, plan_in
from app.core.sheets.checking.preview import PREVIEW, REFUSED, Found
from app.core.sheets.checking.remembered import forget, forget_value, remembered, remembered_values
from app.core.sheets.checking.wrong import kind_of_fault
from app.core.sheets.out.faults_book import faults_workbook
from app.core.sheets.out.marked import marked_workbook
from app.core.telling.places import place_name, visible_places
from app.db import db

SUFFIXES = (".xlsx", ".xls", ".xlsm", ".xlsb", ".et", ".csv", ".txt")
AT_ONCE = 256 * 1024
STEPS = {"check": check_import, "apply": apply_import}
PAGE = 50


class ImportPages(Screen):
    """Pages for workbooks that come in. A draft is the finished check of one, with what was decided about it."""

    @expose("/import/", methods=["GET", "POST"])
    @has_access
    @permission_name("import")
    def import_page(self) -> Any:
        """Takes a workbook and has it checked; nothing is written yet."""
        if request.method == "GET":
            return self._import_page()
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            return self._import_page(error=_("Choose a file first.")), 422
        if Path(sent.filename).suffix.lower() not in SUFFIXES:
            return self._import_page(error=_("This is not a workbook: xlsx, xls, xlsb, et and csv files are read.")), 422
        arguments = {"record": record_name(self.record), "base": self.route_base,
                     "name": Path(sent.filename).name[:120], **self._rules()}

        def bring(folder: Path) -> None:
            sent.save(folder / UPLOAD)
            Plan(remembered(self.record), known_values=remembered_values(self.record)).write(folder)

        try:
            return self._begin(check_import, arguments, bring)
        except RuleError as refused:
            return self._import_page(error=str(refused)), refused.status

    @staticmethod
    def _rules() -> dict[str, str]:
        """What may happen, what a blank cell means, and the grid of rows that name none, as chosen on the page."""
        mode, blank = request.form.get("mode", BOTH), request.form.get("blank", LEAVE)
        return {"mode": mode if mode in MODES else BOTH, "blank": blank if blank in BLANKS else LEAVE,
                "grid": request.form.get("grid", "")[:15]}

    def _begin(self, kind: Kind, arguments: dict[str, Any], bring: Callable[[Path], object]) -> Any:
        job = enqueue(kind, current(), f"{self.title}：{arguments['name']}", arguments, bring)
        return self._run(kind, job)

    @staticmethod
    def _run(kind: Kind, job: Job, query: str = "") -> Any:
        """Shows how a job goes; a small one is done at once, so that nobody waits behind a large one."""
        if (job.folder / UPLOAD).stat().st_size <= AT_ONCE:
            run_now(job.id)
        return redirect(kind.address(job) + query, 303)

    def _import_page(self, **context: Any) -> str:
        places = [(place.code, place_name(place.code)) for place in visible_places()]
        kept = [(heading, parts.label_of(self.record, name)) for heading, name in remembered(self.record).items()
                if not name or name == parts.PLACE or name in parts.importable(self.record)]
        return self.page("import", **{"places": places, "modes": MODES, "blanks": BLANKS, "own": current().node,
                                      "kept": kept, "kept_values": values.kept_values(self.record), "job": None,
                                      "outcome": None, "found": None} | context)

    @expose("/import/<int:number>")
    @has_access
    @permission_name("import")
    def import_result(self, number: int) -> Any:
        """How far a check or an import is; then what it found, to be looked at, put right and read again later."""
        return self._draft_page(self._own_import(number))

    def _draft_page(self, job: Job, **context: Any) -> str:
        found, draft = found_of(job) if job.is_over else None, self._is_draft(job)
        plan = plan_in(job.folder) if draft else Plan()
        more = self._rows_of(job, found, plan, draft) if found and job.state == DONE else {}
        return self._import_page(
            job=job, told=told(job), outcome=outcome_of(job), found=found, plan=plan, draft=draft, parts=parts,
            doubts=found.doubts(DOUBTS) if found else {}, told_notes=found.notes() if found else [],
            done=job.kind == apply_import.name, waiting=job.file(UPLOAD) is not None, unchecked=_unchecked(job),
            **{"typed": None} | more | context)

    def _rows_of(self, job: Job, found: Found, plan: Plan, draft: bool) -> dict[str, Any]:
        """One page of the rows that are to be shown, with inputs where a row of a draft is refused."""
        codes = [(code, kind_of_fault(code, text), lines) for code, text, lines in found.codes(ERROR)]
        asked, code = request.args.get("show", ""), request.args.get("code", "")
        counts = {state: (job.result or {}).get(state, 0) for state in (REFUSED, CHANGED, NEW, SAME)}
        show = asked if counts.get(asked) else next((state for state, count in counts.items() if count), REFUSED)
        code = code if show == REFUSED and code in {known for known, _words, _lines in codes} else ""
        total = found.count(show, code)
        last = max(1, -(-total // PAGE))
        page = min(max(request.args.get("page", 1, type=int), 1), last)
        sheets = {sheet.name: sheet.place for sheet in found.sheets()}
        questions = values.questions(self.record, found) if draft and show == REFUSED else []
        once = {(question.wrong.field, question.wrong.sheet, question.wrong.raw)
                for question in questions if question.wrong.lines >= values.FOLDED}
        lines = [(line, parts.mends_of(self.record, line, sheets[line.sheet], plan, once) if draft else [])
                 for line in found.lines(show, code, (page - 1) * PAGE, PAGE)]
        parts.once_each([mend for _line, mends in lines for mend in mends])
        return {"show": show, "code": code, "counts": counts, "number": page, "last": last, "lines": lines,
                "total": total, "codes": codes, "questions": questions, "identity": values.identity,
                "notes": [(kind_of_fault(code, text), n) for code, text, n in found.codes(NOTE)]}

    def _own_import(self, number: int) -> Job:
        job = own_job(number)
        if job.arguments.get("base") != self.route_base:
            abort(404)
        return job

    @staticmethod
    def _is_draft(job: Job) -> bool:
        """Whether there is still something to decide: the file is there, and nothing runs or has run with it."""
        return job.is_over and job.kind == check_import.name and job.file(UPLOAD) is not None

    def _gone(self) -> Any:
        flash(_("The uploaded file is gone: send it again."), "warning")
        return redirect(f"{self.route_base}/import/")

    @expose("/import/<int:number>/<any(check, apply):step>", methods=["POST"])
    @has_access
    @permission_name("import")
    def import_step(self, number: int, step: str) -> Any:
        """Writes a workbook that was checked, or checks once more one that was not written."""
        job = self._own_import(number)
        if step == "check" and self._is_draft(job):
            return self._check_again(job, lambda: None)
        ready = job.is_over and (step == "check" or (job.kind, job.state) == (check_import.name, DONE))
        if not ready or job.file(UPLOAD) is None:
            return self._gone()
        try:
            return self._begin(STEPS[step], job.arguments, lambda folder: move_draft(job.folder, folder))
        except RuleError as refused:
            flash(str(refused), "warning")
            return redirect(f"{self.route_base}/import/{number}", 303)

    def _check_again(self, job: Job, change: Callable[[], object], query: str = "", **values: Any) -> Any:
        if not again(job, change, **values):
            flash(_("This workbook is being checked right now: wait a moment, then do it again."), "warning")
        return self._run(check_import, job, query)

    def _found_in_draft(self, job: Job) -> Found | None:
        """What the check of a draft found; None when it is no draft any more."""
        return found_of(job) if self._is_draft(job) else None

    @expose("/import/<int:number>/rules", methods=["POST"])
    @has_access
    @permission_name("import")
    def import_rules(self, number: int) -> Any:
        """Checks a draft once more under other rules."""
        job = self._own_import(number)
        if not self._is_draft(job):
            return self._gone()
        return self._check_again(job, lambda: None, arguments=job.arguments | self._rules())

    @expose("/import/<int:number>/columns", methods=["POST"])
    @has_access
    @permission_name("import")
    def import_columns(self, number: int) -> Any:
        """Takes what a person says about headings and columns, remembers it, and checks once more."""
        job = self._own_import(number)
        found = self._found_in_draft(job)
        if found is None:
            return self._gone()
        plan = plan_in(job.folder)
        wrong = parts.take_columns(self.record, plan, found.sheets(), request.form)
        if wrong:
            db.session.rollback()
            return self._draft_page(job, error=" ".join(wrong), typed=request.form), 422
        return self._check_again(job, lambda: plan.write(job.folder))

    @expose("/import/<int:number>/cells", methods=["POST"])
    @has_access
    @permission_name("import")
    def import_cells(self, number: int) -> Any:
        """Takes corrected cells; checks once more, or keeps them while somebody turns the pages."""
        job = self._own_import(number)
        found = self._found_in_draft(job)
        if found is None:
            return self._gone()
        plan = plan_in(job.folder)
        if "undo" in request.form:
            plan.take_back()
        else:
            parts.take_cells(self.record, plan, found, request.form)
            values.take_values(self.record, plan, found, request.form)
            db.session.commit()
        query = f"?show={REFUSED}&code={request.form.get('code', '')[:40]}"
        page = request.form.get("go", type=int)
        if page is not None:
            plan.write(job.folder)
            return redirect(f"{check_import.address(job)}{query}&page={page}#rows", 303)
        return self._check_again(job, lambda: plan.write(job.folder), query)

    @expose("/import/<int:number>/faults")
    @has_access
    @permission_name("import")
    def import_faults(self, number: int) -> Any:
        """The workbook of what was refused, grouped by what is wrong."""
        job = self._own_import(number)
        found = found_of(job) if job.is_over else None
        if found is None:
            flash(_("The rows are no longer kept: they hold values of the workbook."), "warning")
            return redirect(f"{self.route_base}/import/{number}")
        return sent_file(faults_workbook(found), f"{Path(job.arguments['name']).stem}_{_('Not taken')}.xlsx")

    @expose("/import/<int:number>/marked")
    @has_access
    @permission_name("import")
    def import_marked(self, number: int) -> Any:
        """The workbook that was sent, with what is wrong marked in it."""
        job = self._own_import(number)
        found, source = (found_of(job), job.folder / UPLOAD) if job.is_over else (None, job.folder / UPLOAD)
        if found is None or not source.exists():
            flash(_("The workbook is no longer kept: send it again."), "warning")
            return redirect(f"{self.route_base}/import/{number}")
        name = Path(job.arguments["name"])
        marked = marked_workbook(source, name.name, found, plan_in(job.folder))
        return sent_file(BytesIO(marked), f"{name.stem}_{_('marked')}.xlsx")

    @expose("/import/forget", methods=["POST"])
    @has_access
    @permission_name("import")
    def import_forget(self) -> Any:
        """Forgets what the user said about one heading, or about all of this record, or what the office said of a value."""
        if "wrong" in request.form:
            forget_value(self.record, request.form.get("field", ""), request.form["wrong"])
            words = _("Forgotten: the next workbook is asked about this value again.")
        else:
            forget(self.record, request.form.get("heading"))
            words = _("Forgotten: the next workbook is read by its own headings.")
        db.session.commit()
        flash(words, "success")
        return redirect(f"{self.route_base}/import/")


def _unchecked(job: Job) -> bool:
    """Whether cells were corrected that no check has seen yet."""
    paths = [job.folder / name for name in (PLAN, PREVIEW)]
    return all(path.exists() for path in paths) and paths[0].stat().st_mtime_ns > paths[1].stat().st_mtime_ns
