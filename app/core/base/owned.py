"""Rows that belong to another record: they lie in its grid, whatever grid was sent with them, and move with it."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import event, inspect
from sqlalchemy.orm import InstanceState, Session

from app.core.base.fields import fields_of
from app.core.base.once import once
from app.core.base.records import RuleError, changes
from app.core.base.scope import Scoped
from app.db import db


class Owned(Scoped):
    """A row of another record: a party of a dispute, a step of a plan; ``owned_by`` is its relation to that."""

    __abstract__ = True
    owned_by: ClassVar[str]
    kept_by: ClassVar[Any] = None  # a method: why an owner lets nothing of it be changed any more, in a sentence; empty while it does

    @property
    def owner(self) -> Any:
        """The record it belongs to as far as the user may see it, named by its number or at hand already."""
        number = getattr(self, f"{self.owned_by}_id")
        if number is None:
            return getattr(self, self.owned_by)
        with db.session.no_autoflush:
            return db.session.get(self.__mapper__.relationships[self.owned_by].mapper.class_, number)

    def complete(self) -> None:
        """It lies where its owner lies."""
        if (owner := self.owner) is not None:
            self.grid_code = owner.grid_code

    def stays(self) -> str:
        return self.kept_by(owner) if self.kept_by and (owner := self.owner) is not None else ""

    def check(self) -> None:
        """RuleError when more changes than the place it moves to with its owner, and an owner, or the one before, keeps it."""
        if self.kept_by and self.is_rewritten and (told := next(filter(None, map(self.kept_by, self._owners())), "")):
            raise RuleError(told)

    @property
    def is_rewritten(self) -> bool:
        """Whether it is new, or more of it changes than its place."""
        written = [name for name, words in fields_of(type(self)).items() if words.editable and name != "grid_code"]
        return self.id is None or changes(self, "deleted_at", *written)

    def _owners(self) -> list[Any]:
        """Its owner, and the one it had until now."""
        relation = self.__mapper__.relationships[self.owned_by].mapper.class_
        before = _before(self, f"{self.owned_by}_id")
        with db.session.no_autoflush:
            former = db.session.get(relation, before) if before else None
        return [owner for owner in (self.owner, former) if owner is not None]


def _before(row: Any, name: str) -> Any:
    """What a column held until now, where it gets another value."""
    tracked: InstanceState[Any] | None = inspect(row, raiseerr=False)
    if tracked is None:
        return (row.stored or {}).get(name)
    return next(iter(tracked.attrs[name].history.deleted or ()), None)


@once
def _belongings(record: type) -> tuple[str, ...]:
    """The relations of a record to the rows that belong to it."""
    return tuple(relation.key for relation in record.__mapper__.relationships  # type: ignore[attr-defined]
                 if issubclass(relation.mapper.class_, Owned) and relation.back_populates == relation.mapper.class_.owned_by)


def move_along(session: Session, context: Any = None, instances: Any = None) -> None:
    """Before a flush: what belongs to a record that changed its grid goes there too."""
    for row in [row for row in session.dirty if isinstance(row, Scoped)]:
        belongings = _belongings(type(row))
        if belongings and changes(row, "grid_code"):
            for child in [child for name in belongings for child in getattr(row, name)]:
                child.grid_code = row.grid_code


event.listen(db.session.session_factory, "before_flush", move_along)
