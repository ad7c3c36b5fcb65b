"""What belongs to a dispute lies in its grid, and moves with it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import Session

from app.core.registry import record_by_name
from app.core.scope import Scoped
from app.db import db


class OfDispute(Scoped):
    """A row of a dispute: a party, a mediation, a paper of its dossier."""

    __abstract__ = True
    dispute_id: Any
    dispute: Any

    @property
    def owner(self) -> Any:
        """The dispute as far as the user may see it, named by its number or at hand already."""
        if self.dispute_id is None:
            return self.dispute
        with db.session.no_autoflush:
            return db.session.get(record_by_name("dispute"), self.dispute_id)  # type: ignore[arg-type]

    def complete(self) -> None:
        """It lies where the dispute lies."""
        if (owner := self.owner) is not None:
            self.grid_code = owner.grid_code


def move_along(session: Session, context: Any = None, instances: Any = None) -> None:
    """Before a flush: what belongs to a dispute that changed its grid goes there too."""
    for row in list(session.dirty):
        owned = getattr(row, "__owned__", ())
        if owned and inspect(row).attrs.grid_code.history.has_changes():
            for child in [child for name in owned for child in getattr(row, name)]:
                child.grid_code = row.grid_code


event.listen(db.session.session_factory, "before_flush", move_along)
