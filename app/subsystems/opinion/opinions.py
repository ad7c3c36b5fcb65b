"""居民之声: letter boxes, their opening by two people, and the opinions found in them, answered in public (plan 六(四)5)."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import Index, String, Text, func, select
from sqlalchemy.orm import Mapped, relationship

from app.core.base.fields import field, reference
from app.core.base.moments import today
from app.core.base.nodes import Node
from app.core.base.records import RuleError, changes, not_ahead, unique_live
from app.core.base.scope import Scoped
from app.core.cases.figures import PARTS, Figures, Rate, late, owed, part
from app.core.cases.loop import (
    CLOSED,
    HANDLED,
    MERGED,
    REJECTED,
    REPORTED,
    STEPS,
    extension,
    loop,
)
from app.core.cases.public import TELLING, PublicForm
from app.core.cases.records import Case
from app.core.cases.steps import HERE
from app.core.cases.workflow import Workflow
from app.db import db

WRITER, LETTER, FEEDBACK = _("Who wrote it"), _("What was written"), _("Feedback")
HANDLING, IN_USE = "handling", "in_use"
LEVEL_OF = {"base": "grid", "community": "community", "street": "street"}
NODE_OF = {level: node for node, level in LEVEL_OF.items()}


class OpinionBox(Scoped):
    """A 居民之声 box at a wall of a grid, opened in turns."""

    __tablename__ = "opinion_box"
    __label__ = _("Opinion box")
    __natural_key__ = ("number",)
    __table_args__ = (unique_live("opinion_box", "number"),)

    number: Mapped[str] = field(_("Box number"), String(20), listed=True, search="exact", sortable=True, aliases=("信箱编号", "编号"))
    kind: Mapped[str] = field(_("Kind of box"), String(12), dictionary="box_kind", default="voice", listed=True, aliases=("信箱类型",))
    place: Mapped[str] = field(_("Where it hangs"), String(120), listed=True, search="text", aliases=("位置", "设置位置"))
    state: Mapped[str] = field(_("State"), String(12), dictionary="box_state", default=IN_USE, listed=True, aliases=("状态",))
    cycle: Mapped[str] = field(_("How often opened"), String(12), dictionary="box_cycle", default="week", listed=True, aliases=("开箱周期",))
    keeper: Mapped[str | None] = field(_("Keeper of the key"), String(60), aliases=("管理人", "钥匙保管人"))
    set_up_on: Mapped[date | None] = field(_("Set up on"), aliases=("设置日期", "设立日期"))
    remark: Mapped[str | None] = field(_("Remark"), Text, aliases=("备注",))

    def __str__(self) -> str:
        return f"{self.number} {self.place}"

    def searchable(self) -> tuple[str | None, ...]:
        return (self.number, self.place)


class BoxOpening(Scoped):
    """开箱记录: two people open a box and count; it is finished when every letter is registered."""

    __tablename__ = "box_opening"
    __label__ = _("Opening of a box")
    __natural_key__ = ("box_id", "opened_on")
    __table_args__ = (unique_live("box_opening", "box_id", "opened_on"), Index("ix_box_opening_day", "opened_on", "id"))

    box_id: Mapped[int] = reference("opinion_box.id", _("Opinion box"), listed=True, aliases=("信箱", "信箱编号"))
    opened_on: Mapped[date] = field(_("Opened on"), listed=True, aliases=("开箱日期", "日期"))
    opener: Mapped[str] = field(_("First opener"), String(60), listed=True, aliases=("开箱人一", "开箱人"))
    second_opener: Mapped[str] = field(_("Second opener"), String(60), listed=True, aliases=("开箱人二", "监督人"))
    letter_count: Mapped[int] = field(_("Letters counted"), listed=True, default=0, required=True, aliases=("信件数", "取出信件数"))
    is_finished: Mapped[bool] = field(_("All letters registered"), default=False, listed=True, aliases=("登记完毕",),
                                      help=_("Tick it when there is an opinion for every letter"))
    remark: Mapped[str | None] = field(_("Remark"), Text, aliases=("备注",))

    box: Mapped[OpinionBox] = relationship()

    def __str__(self) -> str:
        return f"{self.box.number if self.box else ''} {self.opened_on}"

    @property
    def registered_count(self) -> int:
        """How many opinions are registered for it."""
        with db.session.no_autoflush:
            return db.session.scalar(select(func.count(Opinion.id)).where(Opinion.opening_id == self.id)) or 0

    def complete(self) -> None:
        """An opening lies where its box hangs."""
        box = _chosen(OpinionBox, self.box_id, self.box)
        if box is not None:
            self.grid_code = box.grid_code

    def check(self) -> None:
        if not self.grid_code:
            raise RuleError(gettext("Choose a box."), "box_id")
        if (self.opener or "").replace(" ", "") == (self.second_opener or "").replace(" ", ""):
            raise RuleError(gettext("Two different people open a box: write the second one."), "second_opener")
        not_ahead(self, "opened_on")
        if self.letter_count is not None and self.letter_count < 0:
            raise RuleError(gettext("Count the letters: nought or more."), "letter_count")
        if self.is_finished and self.registered_count != self.letter_count:
            raise RuleError(gettext("%(letters)s letters were counted and %(opinions)s opinions are registered: register the rest first, "
                                    "or correct the count.", letters=self.letter_count, opinions=self.registered_count), "is_finished")

    def searchable(self) -> tuple[str | None, ...]:
        return (str(self), self.opener, self.second_opener)


def _chosen(record: type[Any], key: int | None, known: Any) -> Any:
    """The row a foreign key names, whether it came as a number or as a row."""
    return db.session.get(record, key) if key else known


def _graded(case: Any) -> None:
    """分级办理: the level that answers it."""
    wanted = NODE_OF[case.level]
    code = Node(case.grid_code).at(wanted)
    if Node(code).level != wanted:
        raise RuleError(gettext("It lies in no base grid: choose the community or the street."), "level")
    case.level_code = code


def _workflow() -> Workflow:
    moved = (REPORTED, HANDLING)
    return loop(
        "opinion",
        STEPS["accept"].at(REPORTED, label=_("Accept and grade"), target=HANDLING, asks=("level",), must=("level",), effect=_graded),
        STEPS["reject"].at(REPORTED),
        STEPS["merge"].at(*moved),
        STEPS["dispatch"].at(HANDLING, target=HERE, main=False, possible=lambda case: not case.unit),
        STEPS["transfer"].at(HANDLING, restarts=False, possible=lambda case: bool(case.unit)),
        STEPS["hand_over"].at(HANDLING, possible=lambda case: bool(case.unit)),
        STEPS["send_back"].at(HANDLING, target=HERE, possible=lambda case: bool(case.unit)),
        STEPS["handle"].at(HANDLING, label=_("Write the answer"), asks=("result", "public_answer"), must=("result", "public_answer"),
                           answers=True),
        *extension(HANDLING),
        STEPS["close"].at(HANDLED, label=_("Give feedback: close"), asks=("feedback_way", "public_answer"),
                          must=("feedback_way", "public_answer")),
        STEPS["rework"].at(HANDLED, target=HANDLING),
        STEPS["escalate"].at(*moved),
        STEPS["assign_down"].at(*moved),
        STEPS["reopen"].at(CLOSED, REJECTED, target=REPORTED),
        without=("verify", "file", "park", "resume", "report_outside"))


FIGURES = Figures(
    {
        "taken": part(_("To be answered"), lambda case: case.state.not_in((REJECTED, MERGED))),
        "handled": part(_("Answered"), lambda case: case.in_time.is_not(None)),
        "owed": part(_("Answered or overdue"), owed),
        "handled_late": part(_("Answered late or overdue"), late),
        "anonymous": part(_("Anonymous"), lambda case: case.is_anonymous.is_(True)),
        "boxed": part(_("From a box"), lambda case: case.box_id.is_not(None)),
        **{name: PARTS[name] for name in ("closed", "reworked", "turned_down", "rated", "content", "followed_up", "unsolved")},
    },
    (Rate(_("Closed"), "closed", "taken"), Rate(_("Answered in time"), "handled_late", "owed", but=True),
     Rate(_("Done again"), "reworked", "handled"), Rate(_("Satisfied"), "content", "rated"),
     Rate(_("Stayed solved"), "unsolved", "followed_up", but=True)))


class Opinion(Case):
    """意见建议: what a resident thinks, put into a box or told, answered at its level and posted without names."""

    __tablename__ = "opinion"
    __label__ = _("Residents’ opinion")
    __natural_key__ = ("number",)
    __table_args__ = (Index("ix_opinion_state", "state", "grid_code", "id"), Index("ix_opinion_closed", "closed_at", "id"))
    workflow = _workflow()
    prefix = "YJ"
    limit_by = "level"  # a grid answers sooner than the street
    grows = False
    figures = FIGURES
    public = PublicForm(
        _("An opinion or a proposal"), _("What should be better where you live. The answer is posted without names."), "fa-comment-dots",
        asks=("topic", "life_field", "content", "writer", "phone"), must=("topic", "content"), given={"source": "public"}, posted=True)

    topic: Mapped[str] = field(_("Topic"), String(80), means="title", listed=True, search="text", aliases=("主题", "标题"),
                               help=_("It is posted with the answer: no names"))
    source: Mapped[str] = field(_("Source"), String(12), dictionary="opinion_source", means="source", default="box", listed=True, aliases=("来源",))
    kind: Mapped[str | None] = field(_("Kind of opinion"), String(12), dictionary="opinion_kind", aliases=("民意类别", "五民类别"))
    life_field: Mapped[str | None] = field(_("Field of life"), String(12), dictionary="opinion_field", aliases=("领域", "意见领域"))
    box_id: Mapped[int | None] = reference("opinion_box.id", _("Opinion box"), section=LETTER, aliases=("信箱", "信箱编号"))
    opening_id: Mapped[int | None] = reference("box_opening.id", _("Opening of a box"), section=LETTER, aliases=("开箱记录",))
    received_on: Mapped[date] = field(_("Received on"), section=LETTER, required=False, aliases=("日期", "收到日期"))
    content: Mapped[str] = field(_("Text of the opinion"), Text, means="text", section=LETTER, aliases=("内容", "意见内容"))
    is_anonymous: Mapped[bool] = field(_("Anonymous"), default=False, section=WRITER, aliases=("匿名",))
    writer: Mapped[str | None] = field(_("Writer's name"), String(60), mask="name", section=WRITER, aliases=("姓名", "反映人"))
    phone: Mapped[str | None] = field(_("Writer's phone"), String(20), mask="phone", means="phone", section=WRITER, aliases=("电话", "联系电话"))
    level: Mapped[str | None] = field(_("Level of answering"), String(12), dictionary="opinion_level", derived=True, listed=True,
                                      section=FEEDBACK)
    feedback_way: Mapped[str | None] = field(_("Feedback given by"), String(12), dictionary="feedback_way", derived=True, section=FEEDBACK)

    box: Mapped[OpinionBox | None] = relationship()
    opening: Mapped[BoxOpening | None] = relationship()

    def __str__(self) -> str:
        return self.topic or ""

    def complete(self) -> None:
        """What came out of a box lies where the box hangs; the level follows the one the opinion is with."""
        opening = _chosen(BoxOpening, self.opening_id, self.opening)
        if opening is not None:
            self.box_id = opening.box_id
            self.received_on = self.received_on or opening.opened_on
        box = _chosen(OpinionBox, self.box_id, self.box)
        if box is not None and (not self.number or changes(self, "box_id", "opening_id")):
            self.grid_code = box.grid_code
        self.received_on = self.received_on or today()
        if not self.number and self.by_public:
            self.is_anonymous = not (self.writer or self.phone)
        if self.level:
            self.level = LEVEL_OF[Node(self.level_code).level]
        super().complete()

    def check(self) -> None:
        super().check()
        if self.is_anonymous and (self.writer or self.phone):
            raise RuleError(gettext("Who stays anonymous has no name or phone here: empty them, or untick it."), "is_anonymous")
        if not self.is_anonymous and not (self.writer or self.phone):
            raise RuleError(gettext("Write the name or the phone, or tick that it is anonymous."), "writer")
        if TELLING.search(self.topic or "") or self.writer and self.writer in (self.topic or ""):
            raise RuleError(gettext("The topic is posted: leave out names, phone and ID numbers."), "topic")
        opening = _chosen(BoxOpening, self.opening_id, self.opening)
        if opening is not None and opening.is_finished and changes(self, "opening_id", "opening"):
            raise RuleError(gettext("All letters of this opening are registered already: open it again first."), "opening_id")

    def searchable(self) -> tuple[str | None, ...]:
        return (self.number, self.topic)
