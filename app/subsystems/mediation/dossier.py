"""卷宗: what a dossier must hold, what it holds already, and what is still missing (一案一卷)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, relationship

from app.core.base.fields import field, reference
from app.core.base.language import in_english
from app.core.base.moments import now
from app.core.base.owned import Owned
from app.core.base.records import Record, RuleError, unique_live
from app.core.base.scope import current
from app.core.files import attachments
from app.db import db

MUST, IF_AGREED, SUCCESS = "must", "agreed", "success"
# What the console itself has of a paper, by the name an item gives its evidence.
EVIDENCE: dict[str, Callable[[Any], bool]] = {
    "register": lambda dispute: dispute.state != dispute.workflow.initial,
    "mediation": lambda dispute: any(held.story for held in dispute.mediations),
    "agreement": lambda dispute: bool(dispute.agreement),
    "revisit": lambda dispute: bool(dispute.revisits),
    "confirmation": lambda dispute: dispute.confirmed_on is not None,
}


class DossierItem(Record):
    """One line of the directory of every dossier (卷宗目录): its words, and whether a dossier can do without it."""

    __tablename__ = "dossier_item"
    __label__ = _("Dossier item")
    __natural_key__ = ("name",)
    __table_args__ = (unique_live("dossier_item", "name"),)
    __shipped__ = __natural_key__

    order: Mapped[int] = field(_("Order"), default=0, listed=True, aliases=("序号", "排序"))
    name: Mapped[str] = field(_("Name in Chinese"), String(40), listed=True, search="text", aliases=("材料名称", "名称", "中文名称"))
    english: Mapped[str] = field(_("Name in English"), String(80), listed=True, aliases=("英文",))
    need: Mapped[str] = field(_("Needed"), String(10), dictionary="dossier_need", default="optional", listed=True, aliases=("是否必备",))
    evidence: Mapped[str | None] = field(_("Evidence in the console"), String(12), dictionary="dossier_evidence", listed=True,
                                         help=_("Empty: somebody ticks it, or a file bears its name"))
    words: Mapped[str | None] = field(_("Also in the name of a file"), String(120), aliases=("文件名用词",),
                                      help=_("Other words that mean this in workbooks, separated by |"))
    active: Mapped[bool] = field(_("Active"), default=True, listed=True, aliases=("启用",))

    def __str__(self) -> str:
        return self.english if in_english() else self.name

    def searchable(self) -> tuple[str | None, ...]:
        return (self.name, self.english)

    def wanted(self, dispute: Any) -> bool:
        """Whether the dossier of a dispute cannot do without it; an agreement is asked for where there is one."""
        return self.need == MUST or self.need == IF_AGREED and dispute.outcome == SUCCESS

    def named_by(self, file_name: str) -> bool:
        return any(word and word in file_name for word in (self.name, *(self.words or "").split("|")))


class InDossier(Owned):
    """What lies in the dossier of a dispute: once that is filed, nothing is put in, changed or taken out."""

    __abstract__ = True
    owned_by = "dispute"

    def kept_by(self, owner: Any) -> str:
        return "" if owner.archived_on is None else gettext("This dossier is filed: nothing is put in or taken out any more.")


class DossierPaper(InDossier):
    """A paper that lies in the dossier of a dispute: ticked by whoever put it there, with its pages."""

    __tablename__ = "dossier_paper"
    __label__ = _("Paper in the dossier")
    __table_args__ = (unique_live("dossier_paper", "dispute_id", "item_id"),)

    dispute_id: Mapped[int] = reference("dispute.id", _("Dispute"), listed=True, aliases=("纠纷", "纠纷编号"))
    item_id: Mapped[int] = reference("dossier_item.id", _("Dossier item"), listed=True, aliases=("材料名称", "卷宗目录"))
    pages: Mapped[int | None] = field(_("Pages"), listed=True, aliases=("页数",))
    remark: Mapped[str | None] = field(_("Remark"), String(120), listed=True, aliases=("备注",))

    dispute: Mapped[Any] = relationship("Dispute", back_populates="papers")
    item: Mapped[DossierItem] = relationship()

    def __str__(self) -> str:
        return str(self.item or "")

    def check(self) -> None:
        super().check()
        if self.pages is not None and self.pages < 1:
            raise RuleError(gettext("A paper has at least one page."), "pages")

    def searchable(self) -> tuple[str | None, ...]:
        return ()


def _nothing(dispute: Any) -> bool:
    return False


@dataclass(frozen=True)
class Line:
    """One line of the directory of one dossier: the item, whether it is a must, and what speaks for its being there."""

    item: DossierItem
    wanted: bool
    recorded: bool
    files: tuple[str, ...]
    paper: DossierPaper | None

    @property
    def there(self) -> bool:
        return self.recorded or bool(self.files) or self.paper is not None


def directory(dispute: Any) -> list[Line]:
    """The directory of a dossier as it is now, in its order."""
    names = [kept.file_name for kept in attachments.of(dispute) if kept.removed_at is None]
    papers = {paper.item_id: paper for paper in dispute.papers}
    items = db.session.scalars(select(DossierItem).where(DossierItem.active).order_by(DossierItem.order, DossierItem.id))
    return [Line(item, item.wanted(dispute), EVIDENCE.get(item.evidence or "", _nothing)(dispute),
                 tuple(name for name in names if item.named_by(name)), papers.get(item.id)) for item in items]


def missing(dispute: Any) -> list[DossierItem]:
    """The items without which a dossier cannot be filed."""
    return [line.item for line in directory(dispute) if line.wanted and not line.there]


def tick(dispute: Any, item: DossierItem, there: bool, pages: int | None, remark: str | None) -> None:
    """Notes that a paper lies in the dossier, or that it does not any more; the caller saves."""
    paper = next((paper for paper in dispute.papers if paper.item_id == item.id), None)
    if paper is None and there:
        dispute.papers.append(DossierPaper(item=item, item_id=item.id, pages=pages, remark=remark))
    elif paper is not None and there:
        paper.pages, paper.remark = pages, remark
    elif paper is not None:
        paper.deleted_at, paper.deleted_by = now(), current().actor
