"""惯用语: sentences an office writes again and again, offered under the opinion of a step."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from sqlalchemy import String, select
from sqlalchemy.orm import Mapped

from app.core.base.fields import field
from app.core.base.records import Record, unique_live
from app.core.base.revisions import Cached
from app.core.cases.counters import next_number
from app.db import db

OWN = 1_000  # where the numbers of the office's own begin


class ReplyPhrase(Record):
    """One sentence, for one step or, without one, for all."""

    __tablename__ = "reply_phrase"
    __label__ = _("Reply phrase")
    __natural_key__ = ("number",)
    __table_args__ = (unique_live("reply_phrase", "number"),)
    __shipped__ = ("number",)
    __revision__ = "reply_phrase"

    number: Mapped[int] = field(_("Number"), listed=True, sortable=True, required=False, aliases=("编号", "序号"))
    step: Mapped[str] = field(_("Step"), String(20), dictionary="reply_step", default="", required=False, listed=True, aliases=("环节",))
    phrase: Mapped[str] = field(_("Phrase"), String(200), listed=True, search="text", aliases=("惯用语", "内容"))

    def __str__(self) -> str:
        return self.phrase or ""

    def complete(self) -> None:
        self.step, self.phrase = self.step or "", (self.phrase or "").strip()

    def take_number(self) -> None:
        """Numbers an office does not write run on by themselves, behind those the program ships with."""
        if self.number is None:
            self.number = OWN + next_number(ReplyPhrase.__tablename__)


def _load() -> list[tuple[str, str]]:
    return [(row.step, row.phrase) for row in db.session.execute(
        select(ReplyPhrase.step, ReplyPhrase.phrase).order_by(ReplyPhrase.number))]


_phrases = Cached("reply_phrase", _load)


def phrases_for(step: str) -> list[str]:
    """What is offered at a step: its own sentences, then those for all."""
    found = _phrases.get()
    return [phrase for wanted in (step, "") for known, phrase in found if known == wanted]
