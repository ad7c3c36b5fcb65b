"""An act on many rows in the background: as it was previewed, in slices, with a page for what it could not do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from app.core.base.registry import record_name
from app.core.base.scope import current
from app.core.jobs.kinds import Arguments, Cancelled, Context, enqueue, job
from app.core.jobs.records import Job
from app.core.keeping.bulk import CHANGE, DISCARD, RESTORE, Act, Preview
from app.core.sheets.background import view_allowed
from app.core.sheets.writing.batches import parted, whole

RIGHT = {CHANGE: "edit", DISCARD: "delete", RESTORE: "delete"}
ACT, BEGUN, REFUSED = "act.json", "begun", "refused.json"


def begin(view: Any, act: Act) -> Job:
    """Puts an act into the queue; what it writes lies in the job's folder, which expires."""
    def bring(folder: Path) -> None:
        words = json.dumps({"values": act.values, "rows": act.rows}, ensure_ascii=False, default=parted)
        (folder / ACT).write_text(words, encoding="utf-8")

    arguments = {"record": record_name(act.record), "base": view.route_base, "act": act.act}
    return enqueue(change_many, current(), view.title, arguments, bring)


@job("change_many", lazy_gettext("Change of many records"), page="{base}/bulk/{id}", repeatable=True)
def change_many(context: Context, arguments: Arguments) -> Arguments:
    """Goes on where a run before broke off: rows it changed already are told by their version and its owner."""
    view = view_allowed(context, arguments, RIGHT[arguments["act"]])
    kept = json.loads((context.folder / ACT).read_text(encoding="utf-8"), object_hook=whole)
    begun = (context.folder / BEGUN).exists()
    (context.folder / BEGUN).touch()
    act = Act(view.record, arguments["act"], kept["values"], [tuple(row) for row in kept["rows"]], again=begun)

    def watch(done: int, total: int) -> None:
        context.progress(done, total, _("%(done)s of %(total)s records looked at", done=f"{done:,}", total=f"{total:,}"))

    try:
        preview = act.done(watch)
    except Cancelled as stop:
        raise Cancelled(_("Stopped in the middle: %(count)s records had been changed by then.",
                          count=f"{act.preview.done:,}")) from stop
    (context.folder / REFUSED).write_text(json.dumps(preview.told, ensure_ascii=False), encoding="utf-8")
    return {"done": preview.done, "refused": len(preview.refused), "words": told_of(preview)}


def told_of(preview: Preview) -> str:
    """What was done, in a sentence."""
    return _("Done: %(done)s records, %(refused)s could not be changed.", done=preview.done, refused=len(preview.refused))


def refused_of(done: Job) -> list[tuple[int, str, str]]:
    """The rows an act could not change, with their reasons, as long as they are kept."""
    path = done.file(REFUSED)
    return [tuple(row) for row in json.loads(path.read_text(encoding="utf-8"))] if path else []
