"""Imports and long exports as background work: checked, written and fetched from 我的任务."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.datastructures import MultiDict

from app.core.asking import listing
from app.core.base.records import RuleError
from app.core.base.registry import record_by_name, view_of
from app.core.base.scope import current
from app.core.jobs.kinds import Context, job
from app.core.jobs.records import Job
from app.core.sheets.checking.how import LEAVE, How
from app.core.sheets.checking.outcome import Change, Message, Outcome
from app.core.sheets.checking.plan import PLAN, plan_in
from app.core.sheets.checking.preview import PREVIEW, Found, Preview
from app.core.sheets.out.exporting import write_list
from app.core.sheets.writing.batches import batch_of
from app.core.sheets.writing.importing import import_file
from app.core.sheets.writing.undoing import Undo
from app.core.telling.display import how_many

UPLOAD, OUTCOME, WORKBOOK = "upload", "outcome.json", "export.xlsx"
DRAFT = (UPLOAD, PLAN)
SHOWN_MESSAGES = 500
TOLD = 4
COUNTS = ("rows", "new", "changed", "same", "refused")
IMPORT_PAGE, BATCH_PAGE = "{base}/import/{id}", "{base}/imports/{batch}"
IMPORTED = lazy_gettext("Imported: %(new)s new, %(changed)s changed, %(same)s the same, %(refused)s not taken.")
Arguments = dict[str, Any]


@job("import_check", lazy_gettext("Check of a workbook"), page=IMPORT_PAGE, repeatable=True, keep=timedelta(days=3))
def check_import(context: Context, arguments: Arguments) -> Arguments:
    """Says what a workbook would do; writes nothing, and so holds up nobody."""
    outcome = _import(context, arguments, dry_run=True)
    return _kept(context, outcome, lazy_gettext(
        "Checked: %(new)s new, %(changed)s changed, %(same)s the same, %(refused)s not to be taken."))


@job("import_apply", lazy_gettext("Import of a workbook"), page=IMPORT_PAGE, repeatable=True, keep=timedelta(days=30))
def apply_import(context: Context, arguments: Arguments) -> Arguments:
    """Writes the good rows and its own end in one transaction, so that it is safe to run again."""
    outcome = _import(context, arguments, dry_run=False,
                      settle=lambda outcome: context.settle(_kept(context, outcome, IMPORTED)))
    for name in DRAFT if not outcome.refused else ():  # what was refused can still be put right
        (context.folder / name).unlink(missing_ok=True)
    return _kept(context, outcome, IMPORTED)


@job("import_undo", lazy_gettext("Import taken back"), page=BATCH_PAGE, repeatable=True)
def undo_import(context: Context, arguments: Arguments) -> Arguments:
    """Takes a whole import back and ends in the same transaction, so that it is safe to run again."""
    view = view_allowed(context, arguments, "import")
    batch = batch_of(view.record, arguments["batch"])
    if batch is None or not batch.can_be_undone:
        raise RuleError(_("This import was taken back already, or its time is over."))
    result: Arguments = {}

    def watch(done: int, total: int) -> None:
        context.progress(done, total, _("%(done)s of %(total)s parts taken back", done=done, total=total))

    def settle(undo: Undo) -> None:
        result["words"] = undo.words
        context.settle(result)

    Undo(batch, watch).run(settle)
    return result


def _import(context: Context, arguments: Arguments, dry_run: bool,
            settle: Callable[[Outcome], None] = lambda outcome: None) -> Outcome:
    view = view_allowed(context, arguments, "import")
    grid = arguments["grid"] if current().covers(arguments["grid"] or None) else None

    def watch(done: int, total: int) -> None:
        count, of = f"{done:,}", f"{total:,}"
        context.progress(done, total, _("%(done)s of %(total)s rows written", done=count, total=of) if total
                         else _("%(done)s rows checked", done=count))

    how = How(arguments["mode"], arguments.get("blank", LEAVE), plan_in(context.folder),
              Preview(context.folder, _told(view)))
    outcome = import_file(view.record, context.folder / UPLOAD, grid=grid or None, dry_run=dry_run, how=how, name=arguments["name"],
                          watch=watch, settle=settle)
    if outcome.error:
        raise RuleError(outcome.error)
    return outcome


def _told(view: Any) -> list[str]:
    """The columns by which the preview says whom or what a row is about."""
    view.derive()
    return [name for name in view.list_columns if not view.words_of(name).relation and name != "grid_code"][:TOLD]


def found_of(done: Job) -> Found | None:
    """What a check or an import said row by row, as long as it is kept."""
    path = done.file(PREVIEW)
    return Found(path) if path else None


def move_draft(source: Path, target: Path) -> None:
    """Hands an uploaded workbook and what was decided about it over to the folder of another job; RuleError when it is gone."""
    try:
        (source / UPLOAD).rename(target / UPLOAD)  # of two at the same moment one has it
    except FileNotFoundError as error:
        raise RuleError(_("The uploaded file is gone: send it again.")) from error
    if (source / PLAN).exists():
        (source / PLAN).rename(target / PLAN)


def _kept(context: Context, outcome: Outcome, words: Any) -> Arguments:
    """Lays the outcome, which holds values of cells, into the folder that expires; gives the bare counts."""
    found = asdict(replace(outcome, messages=outcome.messages[:SHOWN_MESSAGES]))
    (context.folder / OUTCOME).write_text(json.dumps(found, ensure_ascii=False, default=str), encoding="utf-8")
    counts: Arguments = {name: found[name] for name in COUNTS}
    return counts | {"messages": len(outcome.messages), "words": str(words) % counts, "batch": outcome.batch}


def outcome_of(done: Job) -> Outcome | None:
    """What a finished job found, with its messages as long as they are kept; None before its end."""
    if done.result is None:
        return None
    path = done.file(OUTCOME)
    if path is None:
        return Outcome(done.arguments["name"], **{name: done.result[name] for name in COUNTS})
    found = json.loads(path.read_text(encoding="utf-8"))
    found["messages"] = [Message(**message) for message in found["messages"]]
    found["changes"] = [Change(**change) for change in found["changes"]]
    return Outcome(**found)


@job("export", lazy_gettext("Export of a list"), repeatable=True, keep=timedelta(days=3))
def export_list(context: Context, arguments: Arguments) -> Arguments:
    """A long list as a workbook, logged with its purpose like a short one."""
    view = view_allowed(context, arguments, "export")
    view.derive()
    may_see = context.may("reveal", view.__name__)
    state = listing.read_state(view, MultiDict(parse_qsl(arguments["query"], keep_blank_values=True)), unmask=may_see)
    whole = arguments["whole"] and may_see

    def watch(done: int, total: int) -> None:
        context.progress(done, total, _("%(done)s of %(total)s rows written", done=f"{done:,}", total=f"{total:,}"))

    part = Path(context.folder / f"{WORKBOOK}.part")
    count = write_list(state, view, part, arguments["purpose"], whole, watch=watch, about=arguments.get("about", ""))
    part.replace(context.folder / WORKBOOK)
    return {"rows": count, "file": WORKBOOK, "words": how_many(count)}


def view_allowed(context: Context, arguments: Arguments, action: str) -> Any:
    """The view of the record, if the owner may still do this with it."""
    record = record_by_name(arguments["record"])
    view = view_of(record) if record else None
    if view is None or not context.may(action, view.__name__):
        raise RuleError(_("Your role lacks the right to do this. The system administrator can grant it."))
    return view
