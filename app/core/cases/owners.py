"""Who takes the next step of a case: whoever is in charge of it, else up the levels until there is somebody.

One rule, asked of a case (news, 督办单, 责任追究) and as the condition of a list (本级待办).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from flask import g, has_request_context
from sqlalchemy import and_, exists, false, func, or_, select
from sqlalchemy.orm import joinedload

from app.core.base.actors import me
from app.core.base.nodes import Node
from app.core.base.registry import security, view_of
from app.core.base.scope import current
from app.core.cases.charge import colleagues
from app.core.cases.steps import Duty
from app.core.cases.takers import holder
from app.db import db

MY_AMBER, MY_RED = "my_amber", "my_red"  # what presses among what the user may act on
NAMED = 200  # letters of the names of many


def owners(case: Any, people: Sequence[Any] | None = None) -> list[Any]:
    """The accounts that may take the next step of a case; nobody for one at its end.

    The person and the unit in charge come first; else those at the level of the case whose duty it is, or at the
    nearest one above. An extension that is asked for waits with whoever grants it, beside that.
    ``people`` are the accounts that see it, where they are known already.
    """
    if not case.is_open:
        return []
    people = colleagues(case) if people is None else people
    awaited = case.workflow.awaited_by(case)
    found = _in_charge(case, people) if Duty.HANDLE in awaited else []
    for duty in (() if found else awaited):
        found += _nearest(case, people, duty)
    if case.extension_asked:
        found += _nearest(case, [person for person in people if person.username != case.extension_by], Duty.CONTROL)
    return list(dict.fromkeys(found))


def answering(case: Any, people: Sequence[Any]) -> list[Any]:
    """Among the accounts that see a case, those that answer for the whole of it: in its community, and in the street."""
    view = view_of(type(case))
    return [person for person in people if holder(person).charged(Duty.CONTROL, view)]


def names_of(people: Sequence[Any], most: int = NAMED) -> str:
    """Persons as the office calls them, as far as it fits."""
    found = ""
    for name in dict.fromkeys(person.full_name or person.username for person in people):
        longer = f"{found}、{name}" if found else name
        found = longer if len(longer) <= most else found
    return found


def owners_in_sight(case: Any) -> list[Any]:
    """The same for a case the user sees, asked of many: the accounts are read once a request."""
    view, path = view_of(type(case)), Node(case.grid_code).path
    return owners(case, [person for person in _within_sight() if person.node in path and _sees(person, view)])


def _sees(person: Any, view: Any) -> bool:
    """Whether an account may open the cases of a view; accounts of the same roles are asked once."""
    known: dict[Any, bool] = g.setdefault("seen_by_roles", {}) if has_request_context() else {}
    key = (*sorted(person.role_names), view.__name__)
    if key not in known:
        known[key] = security()._has_view_access(person, "can_show", view.__name__)
    return known[key]


def _in_charge(case: Any, people: Sequence[Any]) -> list[Any]:
    view = view_of(type(case))
    return [person for person in people if (by := holder(person)).in_charge(case) and by.charged(Duty.HANDLE, view)]


def _nearest(case: Any, people: Sequence[Any], duty: Duty) -> list[Any]:
    view = view_of(type(case))
    for place in reversed(Node(case.level_code).path):
        found = [person for person in people if person.node == place and holder(person).charged(duty, view)]
        if found:
            return found
    return []


def waits_here(record: type[Any], case: Any) -> Any:
    """The condition of a list for the open cases whose next step is the user's by his place."""
    scope, people = current(), _within_sight()
    myself = next((person for person in people if person.username == scope.actor), None)
    if myself is None:
        return false()
    charged = {duty: _charged(record, people, duty) for duty in Duty}
    mine = [duty for duty in Duty if myself.id in charged[duty]]
    reach = {duty: _reached(case, scope, [person.node for person in people if person.id in charged[duty]]) for duty in mine}
    unable = [person.id for person in people if person.id not in charged[Duty.HANDLE]]
    waiting = [reach[duty] & _awaits(record, case, duty, unable) for duty in mine]
    if Duty.CONTROL in mine:
        granting = [person for person in people if person.id in charged[Duty.CONTROL]]
        waiting.append(_asks_for_time(record, case, granting, reach[Duty.CONTROL]))
    return or_(false(), *waiting)


def _asks_for_time(record: type[Any], case: Any, granting: Sequence[Any], reach: Any) -> Any:
    """An extension waits for the user: not for whoever asked for it, and one level up where he alone would grant it."""
    places = Counter(person.node for person in granting)
    alone = [_inside(case, person.node) & (case.extension_by == person.username) for person in granting
             if places[person.node] == 1 and person.node != current().node and Node(current().node).contains(person.node)]
    asked = case.extension_asked.is_not(None) & record.workflow.open_in(case)
    return asked & (func.coalesce(case.extension_by, "") != current().actor) & or_(reach, *alone)


def in_charge(case: Any, column: Any, who: str | int | None) -> Any:
    """The condition of a list for the cases a person or a unit has in hand, while they are handled; none for nobody."""
    flow = case.workflow
    worked_on = [state for state in flow.open_states if Duty.HANDLE in flow.awaited(state)]
    return (column == who) & case.state.in_(worked_on) if who else false()


def in_reach(case: Any) -> Any:
    """The condition of a list for the cases on which the user may act while they are open: at or under his place, or in his charge."""
    scope, who = current(), me()
    below = _inside(case, scope.node) if Node(scope.node).level else false()
    return or_(below, in_charge(case, case.handler_id, who.id), in_charge(case, case.unit, who.unit))


def _awaits(record: type[Any], case: Any, duty: Duty, unable: list[int]) -> Any:
    """A case waits for a duty, by its state and what is said of it, and nobody in charge comes first."""
    flow = record.workflow
    steps = {state: [step for step in flow.awaiting(state) if step.duty is duty] for state in flow.open_states}
    always = [state for state, there in steps.items() if any(step.when is None for step in there)]
    by_what_is_said = [(case.state == state) & step.when.condition(case) for state, there in steps.items() if state not in always
                       for step in there]
    worked_on = [state for state in steps if Duty.HANDLE in flow.awaited(state)]
    waits = or_(case.state.in_(always), *by_what_is_said)
    return waits & (case.state.not_in(worked_on) | ~_somebody_in_charge(case, unable))


def _somebody_in_charge(case: Any, unable: list[int]) -> Any:
    """Whether a person or a unit with an account that sees the case is in charge of it."""
    account = security().user_model
    sees = func.substr(case.grid_code, 1, func.length(account.node)) == account.node
    named = (account.id == case.handler_id) | (account.unit == case.unit)
    return exists(select(account.id).where(account.active, sees, named, account.id.not_in(unable)).correlate_except(account))


def _reached(case: Any, scope: Any, places: Sequence[str]) -> Any:
    """The level of a case is the user's, or one under it at which nobody of these places is nearer."""
    under = sorted({place for place in places if place != scope.node and Node(scope.node).contains(place)})
    nearer = [place for place in under if not any(Node(other).contains(place) for other in under if other != place)]
    return and_(_inside(case, scope.node), *(~_inside(case, place) for place in nearer))


def _inside(case: Any, place: str) -> Any:
    return (case.level_code >= place) & (case.level_code < Node(place).high)


def _charged(record: type[Any], people: Sequence[Any], duty: Duty) -> set[int]:
    """Which of these accounts have a duty on a type of case; accounts of the same roles are asked once."""
    view, known = view_of(record), {}
    for person in people:
        roles = tuple(sorted(person.role_names))
        if roles not in known:
            known[roles] = holder(person).charged(duty, view)
    return {person.id for person in people if known[tuple(sorted(person.role_names))]}


def _within_sight() -> Sequence[Any]:
    """The accounts that see something of what the user sees, himself included; asked once a request."""
    scope, account = current(), security().user_model
    kept = g.setdefault("within_sight", {}) if has_request_context() else {}
    if scope.node not in kept:
        near = account.node.in_(Node(scope.node).path) | (account.node >= scope.node) & (account.node < scope.high)
        kept[scope.node] = db.session.scalars(select(account).where(account.active, near).options(
            joinedload(account.roles), joinedload(account.groups))).unique().all() if Node(scope.node).level else []
    return kept[scope.node]
