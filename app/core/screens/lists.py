"""The list of a record: search, filters, columns, saved views, pages, and who may do what to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import abort, flash, jsonify, redirect, request
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from markupsafe import Markup, escape

from app.core.asking import listing
from app.core.asking.listing import ListState
from app.core.asking.saved_views import SavedView, saved_views
from app.core.asking.search import matching, searched
from app.core.base.fields import Field
from app.core.base.nodes import Node
from app.core.base.numbers import record_id
from app.core.base.records import Record
from app.core.base.scope import current
from app.core.base.texts import normalize_text
from app.core.screens.purposes import PurposePages
from app.core.screens.screen import Lead
from app.core.telling.display import how_many, named, shower
from app.core.telling.places import place_name, visible_places
from app.db import db

OPTION_COUNT = 20
# Named here, for in the class `list` is a page.
Lines = list[tuple[int, Markup]]
Options = list[dict[str, Any]]


class ListPages(PurposePages):
    """Pages of a record's list."""

    @expose("/list/")
    @has_access
    def list(self) -> str:
        state = self.list_state(request.args)
        page = listing.fetch(state, self)
        total, exact = listing.count(state, self)
        if not exact and request.args.get("count") == "1":
            total, exact = listing.count_all(state, self), True
        return self.page("list", state=state, page=page, rows=self.lines(state, page.rows),
                         changeable={row.id for row in page.rows if self.is_changeable(row)},
                         total=f"{total:,}" + ("" if exact else "+"), how_many=how_many(total, exact), exact=exact, nothing=total == 0,
                         chips=self.chips(state), views=saved_views(self.record), acts=self.bulk_acts(state.deleted),
                         link=lambda **change: self.list_url(state, **change))

    def search_words(self) -> str:
        """What the search box of this list finds, in the words of its columns; empty when it finds nothing."""
        found = [str(words.label) if words.search == "text" else _("whole %(what)s", what=words.label)
                 for words in searched(self.record)]
        initials = [_("pinyin initials")] if any(words.search == "text" for words in searched(self.record)) else []
        return " / ".join(found + initials)

    def lines(self, state: ListState, rows: Iterable[Record]) -> Lines:
        """The rows with their cells ready to print."""
        return drawn(self, state.columns, rows)

    @expose("/options/<name>")
    @has_access
    @permission_name("list")
    def options(self, name: str) -> Any:
        """Related rows or grid nodes whose words match what somebody types into a select."""
        words = self.words.get(name)
        if words is None or words.kind not in ("relation", "grid"):
            abort(404)
        typed = request.args.get("q", "").strip()[:60]
        if words.kind == "grid":
            return jsonify(results=[{"id": p.code, "text": place_name(p.code), "note": p.code}
                                    for p in visible_places()
                                    if typed in place_name(p.code) or p.code.startswith(typed)][:50])
        return jsonify(results=self._related_options(name, typed))

    def offered(self, name: str) -> tuple[Any, ...]:
        """The conditions of the rows a relation's select offers: a plan that is void, for example, is none to activate."""
        return ()

    def _related_options(self, name: str, typed: str) -> Options:
        target = self.targets[name]
        query = db.select(target).where(*self.offered(name)).order_by(target.id).limit(OPTION_COUNT)
        if typed:
            query = query.where(matching(target, typed))
        place = request.args.get("grid_code", "")
        if place and current().covers(place) and hasattr(target, "grid_code"):
            query = query.where(target.grid_code.startswith(Node(place).at("community"), autoescape=True))
        return [{"id": row.id, "text": str(row), "note": self._option_note(row)} for row in db.session.scalars(query)]

    @staticmethod
    def _option_note(row: Record) -> str:
        """What tells a related row from others like it: its place, and what the record itself adds."""
        return " · ".join(words for words in (place_name(getattr(row, "grid_code", None)), row.note()) if words)

    @expose("/views/", methods=["POST"])
    @has_access
    @permission_name("list")
    def views(self) -> Any:
        """Keeps the list as it is now under a name, or drops a kept one."""
        drop = record_id(request.form.get("drop", ""))
        if drop:
            SavedView.drop(self.record, drop)
            return redirect(f"{self.route_base}/list/")
        name = normalize_text(request.form.get("name"))[:40]
        query = urlencode(parse_qsl(request.form.get("query", "").lstrip("?")[:2000], keep_blank_values=True))[:2000]
        if name:
            SavedView.keep(self.record, name, query)
            flash(_("The view %(name)s is kept.", name=name), "success")
        return redirect(f"{self.route_base}/list/?{query}")


def drawn(view: Any, columns: Iterable[str], rows: Iterable[Record]) -> Lines:
    """Rows of a view with their cells ready to print, made in one loop: templates are slow at this."""
    draw = [cells(view.words_of(name), view.route_base, first=not place) for place, name in enumerate(columns)]
    if view.lead:
        draw.insert(0, lead_cell(view.lead))
    return [(row.id, Markup("".join(column(row) for column in draw))) for row in rows]


def lead_cell(lead: Lead) -> Callable[[Record], str]:
    """Draws what stands before the first column."""
    return lambda row: f'<td class="lead">{lead.draw(row)}</td>'


def cells(words: Field, address: str, first: bool) -> Callable[[Record], str]:
    """Draws one column of a list: the first links to the record, nothing shows as a dash, codes that press have a colour."""
    name = words.relation or words.name
    show = (lambda value: named(words, value)) if words.relation else shower(words)
    start = f'<td class="{"c-name" if first else ""}" data-label="{escape(str(words.label))}">'

    def draw(row: Record) -> str:
        value = getattr(row, name)
        text = escape(row.__told__[name](row) if name in row.__told__ else show(value))
        if first:
            return f'{start}<a href="{address}/show/{row.id}">{text or "—"}</a></td>'
        if not text:
            return f'{start}<span class="s-nil">—</span></td>'
        return f"{start}{_dressed(words, value, text)}</td>"

    return draw


def _dressed(words: Field, value: Any, text: str) -> str:
    """A code as a tag, in its colour where it presses; what is masked as it is typed by machines."""
    if words.dictionary:
        tone = words.tone(value)
        return f'<span class="s-tag {tone}">{text}</span>' if tone else f'<span class="s-tag">{text}</span>'
    return f"<code>{text}</code>" if words.mask else text
