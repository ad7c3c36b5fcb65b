"""访问日志: who saw what whole, who carried which list out of the house, when and what for.

Entries are read, never written or removed (app/core/telling/masking.py). Whoever has the right “all” reads the entries of
his part of the grid: those on its records, and those of the people who are held to it; everybody reads his own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import render_template, request
from flask_appbuilder.baseviews import BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from sqlalchemy import Select, or_, select

from app.accounts.manager import Account, may
from app.core.base import registry
from app.core.base.dates import parse_date
from app.core.base.fields import fields_of
from app.core.base.moments import OFFICE_HOURS_AHEAD
from app.core.base.nodes import Node
from app.core.base.numbers import record_id
from app.core.base.records import Record
from app.core.base.scope import current
from app.core.base.texts import InvalidValue
from app.core.telling.masking import EXPORT, FAILED, IMPORT, REVEAL, SIGN_IN, AccessLog
from app.db import db

SIZE, LAST = 50, 10


@dataclass(frozen=True)
class Line:
    """One entry in the words of the office."""

    at: datetime
    by: str
    what: str
    about: str
    url: str
    purpose: str
    details: str
    rows: int
    address: str


class AccessLogView(BaseView):
    """The entries one may read, the newest first."""

    route_base = "/accesslog"
    default_view = "list"

    @expose("/list/")
    @has_access
    def list(self) -> str:
        """Narrowed by person, kind and day; the page costs the same however long the log is."""
        args = {name: request.args.get(name, "").strip() for name in ("by", "action", "record", "record_id", "from", "to")}
        query, wrong = _narrowed(args)
        before = record_id(request.args.get("before", ""))
        if before:
            query = query.where(AccessLog.id < before)
        entries = db.session.scalars(query.order_by(AccessLog.id.desc()).limit(SIZE + 1)).all()
        more = len(entries) > SIZE
        kept = {name: value for name, value in args.items() if value}
        return render_template(
            "access_log.html", lines=[line_of(entry) for entry in entries[:SIZE]], args=args, wrong=wrong, all=sees_all(),
            actions=_actions(), kinds=_kinds(), first=f"?{urlencode(kept)}" if before else "",
            next=f"?{urlencode({**kept, 'before': entries[SIZE - 1].id})}" if more else "")


def sees_all() -> bool:
    """Whether the user reads the entries of others too."""
    return may("all", AccessLogView.__name__)


def readable() -> Select[Any]:
    """The entries the user may read."""
    query, scope = select(AccessLog), current()
    if not sees_all():
        return query.where(AccessLog.by == scope.actor)
    if scope.sees_all or Node(scope.node).level == "street":
        return query
    people = select(Account.username).where(Account.node >= scope.node, Account.node < scope.high)
    return query.where(or_(AccessLog.by.in_(people), (AccessLog.grid_code >= scope.node) & (AccessLog.grid_code < scope.high)))


def _narrowed(args: dict[str, str]) -> tuple[Select[Any], str]:
    """The entries the address asks for, and a sentence about what could not be read in it."""
    query, wrong = readable(), ""
    if args["by"] and sees_all():
        query = query.where(AccessLog.by == args["by"])
    if args["action"] in _actions():
        query = query.where(AccessLog.action == args["action"])
    if args["record"] in _kinds():
        query = query.where(AccessLog.record == args["record"])
        if record_id(args["record_id"]):
            query = query.where(AccessLog.record_id == record_id(args["record_id"]))
    for name, condition in (("from", AccessLog.at.__ge__), ("to", AccessLog.at.__lt__)):
        if args[name]:
            try:
                query = query.where(condition(_midnight(parse_date(args[name]), later=name == "to")))
            except InvalidValue as error:
                wrong = str(error.message)
    return query, wrong


def _midnight(day: date, later: bool) -> datetime:
    """The moment a day begins in China, or ends."""
    return datetime.combine(day, time()) + timedelta(days=1 if later else 0) - OFFICE_HOURS_AHEAD


def _actions() -> dict[str, str]:
    return {REVEAL: _("looked at whole values"), EXPORT: _("took out"), IMPORT: _("brought in"),
            SIGN_IN: _("signed in"), FAILED: _("failed to sign in")}


def _kinds() -> dict[str, str]:
    return {view.record.__tablename__: str(view.record.__label__) for view in registry.record_views()}


def line_of(entry: AccessLog) -> Line:
    """An entry as people read it; a record is named only to who may see it."""
    view = registry.view_of_table(entry.record)
    about, url = (str(view.record.__label__) if view else "", "")
    if view and entry.record_id:
        row = db.session.get(view.record, entry.record_id)
        about = f"{about} · {row}" if row else _("%(kind)s no. %(id)s", kind=about, id=entry.record_id)
        url = f"{view.route_base}/show/{row.id}" if row and may("show", view.__name__) else ""
    return Line(entry.at, entry.by, _actions().get(entry.action, entry.action), about, url, entry.purpose,
                _details(entry, view), entry.row_count, entry.address or "")


def _details(entry: AccessLog, view: Any) -> str:
    """Columns, filters and whether values left whole."""
    words = fields_of(view.record) if view else {}
    names = [part for part in (entry.columns or "").removesuffix(" whole").split(",") if part]
    found = ["、".join(str(words[name].label) if name in words else name for name in names)]
    if entry.filters:
        found.append(_("filter: %(words)s", words="，".join(_filter(view, words, *pair) for pair in entry.filters.items())))
    if entry.whole:
        found.append(_("with whole sensitive values"))
    return "；".join(part for part in found if part)


def _filter(view: Any, words: dict[str, Any], name: str, value: Any) -> str:
    plain = name.removeprefix("f.")
    named = view.named_filters.get(plain) if view else None
    if named:
        return str(named.label)
    label = str(words[plain].label) if plain in words else {"q": _("search"), "sort": _("order")}.get(name, plain)
    return f"{label}={'/'.join(map(str, value)) if isinstance(value, list) else value}"


def who_looked(view: Any, row: Record) -> list[Line] | None:
    """Who saw or took out a record with sensitive values lately; None for those who may not know."""
    if not sees_all() or not any(words.mask for words in view.words.values()):
        return None
    query = readable().where(AccessLog.record == row.__tablename__, AccessLog.record_id == row.id)
    return [line_of(entry) for entry in db.session.scalars(query.order_by(AccessLog.id.desc()).limit(LAST))]
