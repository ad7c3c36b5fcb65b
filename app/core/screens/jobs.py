"""我的任务: how background work stands, its cancelling, its files; everyone sees what he asked for himself."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, jsonify, redirect, render_template
from flask_appbuilder.baseviews import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import select

from app.core.base.registry import security
from app.core.base.scope import current
from app.core.jobs.kinds import KINDS, label_of
from app.core.jobs.records import CANCELLED, DONE, FAILED, QUEUED, RUNNING, Job
from app.core.screens.downloads import sent_file
from app.db import db

SHOWN = 100
STATES = {QUEUED: lazy_gettext("Waiting"), RUNNING: lazy_gettext("At work"), DONE: lazy_gettext("Finished"),
          FAILED: lazy_gettext("Failed"), CANCELLED: lazy_gettext("Cancelled")}
TONES = {DONE: "ok", FAILED: "warn", RUNNING: "k1"}


class JobView(BaseView):
    """The jobs of one user; administrators see how all stand, never their files."""

    route_base = "/jobs"
    default_view = "mine"

    @expose("/")
    @has_access
    @permission_name("list")
    def mine(self) -> str:
        return self._page(select(Job).where(Job.owner == current().actor), whole_house=False)

    @expose("/all/")
    @has_access
    @permission_name("all")
    def all(self) -> str:
        return self._page(select(Job), whole_house=True)

    def _page(self, query: Any, whole_house: bool) -> str:
        found = db.session.scalars(query.order_by(Job.id.desc()).limit(SHOWN)).all()
        return render_template("jobs.html", jobs=found, whole_house=whole_house, states=STATES, tones=TONES,
                               label_of=label_of, told=told, kinds=KINDS, mine=is_mine,
                               may_all=security().has_access("can_all", "JobView"))

    @expose("/<int:number>/state")
    @has_access
    @permission_name("list")
    def state(self, number: int) -> Any:
        """How far a job is, for the page that waits for it."""
        job = own_job(number)
        progress = job.progress()
        return jsonify(over=job.is_over, done=progress.done, total=progress.total, message=told(job), state=str(STATES[job.state]),
                       url=KINDS[job.kind].address(job) if job.kind in KINDS else "/jobs/")

    @expose("/<int:number>/cancel", methods=["POST"])
    @has_access
    @permission_name("list")
    def cancel(self, number: int) -> Any:
        """Asks a job to stop; it does so at its next step, and writes nothing."""
        own_job(number).cancel()
        return redirect("/jobs/")

    @expose("/<int:number>/file")
    @has_access
    @permission_name("list")
    def file(self, number: int) -> Any:
        """The workbook a job made, for its owner alone, until it expires."""
        job = own_job(number)
        path = job.file((job.result or {}).get("file", "")) if job.state == DONE else None
        if path is None:
            flash(_("This file is no longer there: files are kept for a few days only."), "warning")
            return redirect("/jobs/")
        return sent_file(path.open("rb"), f"{job.title}{path.suffix}")


def is_mine(job: Job) -> bool:
    """Whether the user asked for it himself, and is still held to the same part of the grid."""
    return job.owner == current().actor and job.node == current().node


def own_job(number: int) -> Job:
    """A job of the user's own; not found for everybody else, administrators too."""
    job = db.session.get(Job, number)
    if job is None or not is_mine(job):
        abort(404)
    return job


def told(job: Job) -> str:
    """How a job stands, in a sentence."""
    if job.is_cancelling:
        return _("Being cancelled …")
    if job.state == QUEUED:
        return _("Waiting for its turn …")
    if job.state == RUNNING:
        return job.progress().words or _("Has begun …")
    words = job.words or (job.result or {}).get("words") or str(STATES[job.state])
    if job.state == DONE and job.tries > 1:
        words += " " + _("The program ended in the middle once, and the work was gone on with.")
    return words
