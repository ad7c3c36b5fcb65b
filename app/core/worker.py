"""A worker: takes one job after the other until it is told to end, and clears away what has expired."""

from __future__ import annotations

import logging
import shutil
import threading
import time
from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from app.core.base.moments import now
from app.core.base.trouble import CANNOT_WRITE
from app.core.cases import news
from app.core.cases.clock import tick
from app.core.files import attachments
from app.core.jobs.records import OPEN, Job, folders
from app.core.jobs.running import turn, worker_name
from app.core.keeping import sendings
from app.core.sheets.writing import batches, slices
from app.db import db

log = logging.getLogger(__name__)
IDLE_SECONDS, SWEEP_SECONDS, TICK_SECONDS = 0.4, 600, 20
ROWS_KEPT = timedelta(days=90)
ORPHAN_SECONDS = 24 * 3600


def work(app: Flask, ending: threading.Event) -> None:
    """Works until ``ending`` is set; a database that is away for a while is waited for."""
    worker, swept, ticked = worker_name(), float("-inf"), time.monotonic()
    while not ending.is_set():
        busy = False
        try:
            with app.app_context():
                if time.monotonic() - swept > SWEEP_SECONDS:
                    sweep()
                    swept = time.monotonic()
                if time.monotonic() - ticked > TICK_SECONDS:
                    tick()
                    ticked = time.monotonic()
                busy = turn(worker, ending.is_set)
        except CANNOT_WRITE:
            log.warning("the database does not answer; waiting", exc_info=True)
            ending.wait(5)
        if not busy:
            ending.wait(IDLE_SECONDS)


def sweep() -> None:
    """Removes files and old values whose time is over, jobs nobody asks about any more, and folders without a job."""
    for job in db.session.scalars(select(Job).where(Job.expires_at < now(), Job.state.not_in(OPEN))).all():
        job.drop_files()
        if not job.folder.exists():
            job.expires_at = None
    for job in db.session.scalars(select(Job).where(Job.finished_at < now() - ROWS_KEPT)).all():
        job.drop_files()
        db.session.delete(job)
    slices.take_away_dead()
    batches.sweep()
    attachments.sweep()
    news.sweep()
    sendings.sweep()
    db.session.commit()
    known = set(db.session.scalars(select(Job.key)))
    for folder in folders().iterdir():
        if folder.name not in known and time.time() - folder.stat().st_mtime > ORPHAN_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
    db.session.commit()
