"""待办箱: what waits for somebody over all types of case, urging whoever must act, and handing over what one has in charge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request
from flask_appbuilder.baseviews import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from app.core.base import registry
from app.core.base.actors import me
from app.core.base.records import RuleError
from app.core.base.texts import InvalidValue, parse_text
from app.core.cases import glance, handing, inbox, prompts
from app.core.cases.inbox import INSTRUCTED, LEVEL, MINE, TABS, UNIT, URGED, Asked
from app.core.cases.owners import names_of, owners, owners_in_sight
from app.core.cases.phrases import phrases_for
from app.core.cases.prompt_page import MOST
from app.core.cases.turning import find, page_of
from app.core.keeping.bulk import too_many
from app.core.screens import sending
from app.db import db

NOTHING = {
    MINE: _("Nothing waits for you."), UNIT: _("Your unit has nothing in hand."), LEVEL: _("No case is open at your level."),
    URGED: _("None of the cases you urged is still open."), INSTRUCTED: _("None of the cases you wrote an instruction on is still open.")}


class InboxView(BaseView):
    """The inbox of whoever is signed in."""

    route_base = "/todo"
    default_view = "list"

    @expose("/")
    @has_access
    @permission_name("list")
    def list(self) -> str:
        """A page of what waits, by tab, type and words."""
        views = inbox.listed_views()
        tabs = _tabs(views)
        counts = glance.counted(views, tabs)
        totals = glance.sums(counts)
        asked = Asked(_tab(tabs, totals), request.args.get("type", "")[:40], request.args.get("q", "").strip()[:60],
                      request.args.get("after", ""), request.args.get("before", ""))
        mine = handing.in_my_charge(views)
        return render_template(
            "todo.html", tabs=[(tab, TABS[tab][0], totals[tab]) for tab in tabs], asked=asked, box=inbox.page(asked, counts=counts), told=glance.told,
            kinds=[(view.record.__tablename__, view.record.__label__) for view in views], sentence=prompts.sentence(), most=prompts.LONGEST,
            nothing=NOTHING.get(asked.tab, _("Nothing of that kind.")), mine=len(mine), takers=handing.takers() if mine else [])

    @expose("/urge", methods=["GET", "POST"])
    @has_access
    @permission_name("list")
    @sending.once
    def urge(self) -> Any:
        """催办: names who will hear of it, then sends; each case is asked for its own rule."""
        numbers = [*dict.fromkeys(request.values.getlist("case"))]
        if len(numbers) > MOST:
            flash(str(too_many(MOST)), "warning")
            return redirect("/todo/")
        cases = _chosen(numbers)
        said = request.form.get("said", prompts.sentence())
        whose = {case: owners_in_sight(case) for case in cases}
        if request.method == "GET" or not cases:
            return _urge_page(whose, said, "")
        try:
            lead = sending.claim()
            sent, left = _sent(whose, parse_text(said))
            lead(_back(cases))
            db.session.commit()
        except (RuleError, InvalidValue) as error:
            db.session.rollback()
            return _urge_page(whose, said, str(getattr(error, "message", error))), 422
        sending.note_saved()
        _tell(sent, left)
        return redirect(_back(cases))

    @expose("/handover", methods=["POST"])
    @has_access
    @permission_name("list")
    def hand_over(self) -> Any:
        """Gives all the user has in charge to a colleague."""
        handed = handing.hand_over(inbox.listed_views(), request.form.get("to", ""), request.form.get("note", ""))
        flash(gettext("%(count)s cases were handed over.", count=handed.done), "success")
        for number, reason in handed.left:
            flash(f"{number}: {reason}", "warning")
        return redirect("/todo/")


def _tabs(views: Any) -> Any:
    """The tabs that say something to the user."""
    without = {UNIT} if not me().unit else set()
    for tab, right in ((URGED, prompts.URGE), (INSTRUCTED, prompts.INSTRUCT)):
        if not any(registry.may(right, view) for view in views):
            without.add(tab)
    return [tab for tab in TABS if tab not in without]


def _tab(tabs: Any, totals: dict[str, int]) -> str:
    """The tab that is asked for; at first his own, and for whoever only looks after others theirs."""
    asked = request.args.get("tab", "")
    if asked in tabs:
        return asked
    return LEVEL if URGED in tabs and not totals[MINE] else MINE


def _chosen(numbers: Any) -> Any:
    """The cases named in the address or ticked, as far as the user may see them."""
    return [case for number in numbers if (case := find(number)) is not None]


@dataclass(frozen=True)
class _Receiver:
    """Who would hear of a 催办 on a case; nobody, where it is not the user's to urge."""

    case: Any
    view: Any
    to: str


def _urge_page(asked: dict[Any, Any], said: str, error: str) -> str:
    found = [_Receiver(case, registry.view_of(type(case)), names_of(whose) if prompts.may_urge(case, whose) else "") for case, whose in asked.items()]
    names = {name: sum(name in one.to.split("、") for one in found) for one in found for name in one.to.split("、") if name}
    return render_template("urge.html", found=found, names=names, said=said, error=error, back=_back([*asked]), most=prompts.LONGEST,
                           phrases=phrases_for(prompts.URGE))


def _sent(asked: dict[Any, Any], said: str) -> tuple[int, Any]:
    """Urges each; how many, and which not with the reason. RuleError when none went, or the sentence does not go."""
    left = []
    for case, whose in sorted(asked.items(), key=lambda one: one[0].number):
        try:
            _urged(case, whose, said)
        except RuleError as error:
            if error.field or len(asked) == 1:
                raise
            left.append((case.number, str(error)))
    if len(left) == len(asked):
        raise RuleError(left[0][1])
    return len(asked) - len(left), left


def _urged(case: Any, whose: Any, said: str) -> None:
    """Urges ``whose`` turn it was; those whose turn it is where somebody changed the case meanwhile."""
    seen = case.version
    prompts.urge(case, said, whose if prompts.held(case).version == seen else owners(case))


def _tell(sent: int, left: Any) -> None:
    flash(ngettext("%(count)s case was urged; whoever must act was told.", "%(count)s cases were urged; whoever must act was told.",
                   sent, count=sent), "success")
    for number, reason in left:
        flash(f"{number}: {reason}", "warning")


def _back(cases: Any) -> str:
    """Where an urging leads: to the case, or for several to what one urged."""
    return page_of(cases[0].number) if len(cases) == 1 else f"/todo/?tab={URGED}"
