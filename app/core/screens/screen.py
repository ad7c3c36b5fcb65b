"""What every screen of a record knows: the record, its columns, its place in the menu, and who may do what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from flask import abort, flash, redirect, render_template, request
from flask_appbuilder.baseviews import BaseView
from flask_babel import gettext as _
from markupsafe import Markup

from app.core.base.fields import Field, fields_of
from app.core.base.records import Record
from app.core.base.registry import record_name
from app.db import db


@dataclass(frozen=True)
class NamedFilter:
    """A condition the office has a word for, such as 未落户; usable in lists, exports and charts.

    ``tab`` says whether the list offers it beside “all”, or only numbers of other pages lead to it.
    """

    label: Any
    condition: Any
    tab: bool = True


@dataclass(frozen=True)
class Lead:
    """What every list of a record says of a row before its first column, such as its light; and the columns it reads."""

    label: Any
    needs: tuple[str, ...]
    draw: Callable[[Any], Markup]


class Screen(BaseView):
    """The base of all pages of one record; each kind of page adds its own."""

    record: ClassVar[type[Record]]
    menu: ClassVar[str | None] = None  # a heading of app/menu.py, "" for no place; None: that of its package
    menu_order: ClassVar[int] = 100
    icon: ClassVar[str] = "fa-table"
    lead: ClassVar[Lead | None] = None
    list_columns: list[str] = []
    form_columns: list[str] = []
    show_columns: list[str] = []
    charts: list[str] = []
    named_filters: dict[str, NamedFilter] = {}
    related: list[str] = []
    more_pages: ClassVar[tuple[tuple[str, Any, str], ...]] = ()  # (address, words, icon) of a view's own pages
    row_pages: ClassVar[tuple[tuple[str, Any, str], ...]] = ()  # the same of one record: (address before its number, words, icon)
    show_page: ClassVar[str] = "show"
    api_routes: ClassVar[tuple[type, ...]] = ()  # classes with further routes of the REST twin
    default_view = "list"
    settled_by: ClassVar[tuple[str, ...]] = ()  # the columns that say whether a record is still changed

    def __init__(self) -> None:
        self.derive()
        super().__init__()

    @classmethod
    def derive(cls) -> None:
        """Fills what the view does not say by hand from the record's declaration."""
        words = fields_of(cls.record)
        cls.route_base = cls.route_base or f"/{record_name(cls.record)}"
        cls.list_columns = cls.list_columns or [n for n, w in words.items() if w.listed]
        cls.form_columns = cls.form_columns or _grid_first(
            [n for n, w in words.items() if w.editable])
        cls.show_columns = cls.show_columns or list(words)
        cls.charts = cls.charts or [n for n, w in words.items() if w.chart and not w.mask]

    @property
    def title(self) -> str:
        return str(self.record.__label__)

    @classmethod
    def words_of(cls, name: str) -> Field:
        return fields_of(cls.record)[name]

    @property
    def words(self) -> dict[str, Field]:
        return fields_of(self.record)

    def may(self, action: str) -> bool:
        return bool(self.appbuilder.sm.has_access(f"can_{action}", self.class_permission_name))

    def may_now(self, action: str, row: Record) -> bool:
        """Whether the user may edit, delete or attach files to a record as it stands now: no button is refused when it is pressed."""
        return self.may(action) and self.is_changeable(row)

    def is_changeable(self, row: Record) -> bool:
        """Whether a record is still changed by anybody, or read only."""
        return not row.stays()

    def stays_as_it_is(self, row: Record) -> Any:
        """The answer to whoever would change a record that is only read by now: its page, with the sentence."""
        flash(_("%(what)s is read, and changed no more.", what=row), "warning")
        return redirect(f"{self.route_base}/show/{row.id}")

    def chosen_acts(self) -> list[tuple[str, Any, str]]:
        """What may be done with chosen rows beside the acts of every list: (address, words, icon)."""
        return []

    def page(self, template: str, **context: Any) -> str:
        """Renders one of the record templates in the shell."""
        return render_template(f"record/{template}.html", view=self, sheet=request.args.get("sheet"),
                               **context)

    @cached_property
    def targets(self) -> dict[str, type[Record]]:
        """The record each relation column points to."""
        return targets_of(self.record)

    def row_or_404(self, pk: int) -> Any:
        """A row the user may see; 404 otherwise, whether it exists or not."""
        return db.session.get(self.record, pk) or abort(404)


def targets_of(record: type[Record]) -> dict[str, type[Record]]:
    """The record each relation column of a record points to."""
    relations = record.__mapper__.relationships
    return {name: relations[words.relation].mapper.class_ for name, words in fields_of(record).items() if words.relation}


def _grid_first(columns: list[str]) -> list[str]:
    """The place comes first on a form: it decides who may see the record."""
    return sorted(columns, key=lambda name: name != "grid_code")

