"""消息: what happened to the cases one has to do with; opening a line reads it."""

from __future__ import annotations

from typing import Any

from flask import abort, g, redirect, render_template, request
from flask_appbuilder.baseviews import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from sqlalchemy import select

from app.core.base.numbers import record_id
from app.core.base.scope import current
from app.core.cases.news import News, mark_read
from app.db import db

SIZE = 50


class NewsView(BaseView):
    """The lines of one user, the newest first; nobody reads another one's."""

    route_base = "/news"
    default_view = "list"

    @expose("/")
    @has_access
    @permission_name("list")
    def list(self) -> str:
        """A page of lines; it costs the same however many there were."""
        before = record_id(request.args.get("before", ""))
        unread = bool(request.args.get("unread"))
        query = _mine().where(News.id < before) if before else _mine()
        if unread:
            query = query.where(News.read_at.is_(None))
        found = db.session.scalars(query.order_by(News.id.desc()).limit(SIZE + 1)).all()
        more = found[SIZE - 1].id if len(found) > SIZE else None
        return render_template("news.html", lines=found[:SIZE], more=more, unread=unread)

    @expose("/open/<int:number>", methods=["POST"])
    @has_access
    @permission_name("list")
    def open(self, number: int) -> Any:
        """Reads a line and goes to its case."""
        line = db.session.scalar(_mine().where(News.id == number)) or abort(404)
        mark_read(current().actor, News.case_number == line.case_number)
        db.session.commit()
        return redirect(line.url) if line.url else _gone()

    @expose("/read", methods=["POST"])
    @has_access
    @permission_name("list")
    def read(self) -> Any:
        """Marks all lines as read."""
        mark_read(current().actor)
        db.session.commit()
        return redirect("/news/")


def _gone() -> Any:
    return render_template("error.html", code=404, title=_("Nothing here for you"),
                           sentence=_("The case was removed, or it is not yours to see any more.")), 404


def _mine() -> Any:
    """The lines of the user on cases of his part of the grid."""
    scope = current()
    query = select(News).where(News.user_id == g.user.id)
    return query if scope.sees_all else query.where(News.grid_code >= scope.node, News.grid_code < scope.high)
