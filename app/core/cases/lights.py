"""Green, amber, red: how far the limit of a step is used, of one case and as the condition of a list."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from markupsafe import Markup

from app.core.base.moments import now

GREEN, AMBER, RED = "green", "amber", "red"
AMBER_SHARE = 0.8  # GB/T 30428 practice: green to 80 per cent of the limit, amber to the limit, red past it
LIGHTS = {GREEN: _("In time"), AMBER: _("Nearly due"), RED: _("Overdue")}
SHAPES = {GREEN: "●", AMBER: "▲", RED: "■"}  # told apart without colours, on paper too
CARD_TONES = {"yellow": "yes", "red": "warn"}  # sheets of supervision


def mark(colour: str) -> Markup:
    """A light as it stands on every page: shape, word and colour; nothing where no clock runs."""
    drawn = Markup('<span class="s-light {}"><i aria-hidden="true">{}</i>{}</span>')
    return drawn.format(colour, SHAPES[colour], LIGHTS[colour]) if colour else Markup()


def light_of(amber_at: datetime | None, due_at: datetime | None, moment: datetime) -> str:
    """Green, amber or red at a moment; empty when no clock runs."""
    if due_at is None:
        return ""
    if moment > due_at:
        return RED
    return AMBER if amber_at is not None and moment >= amber_at else GREEN


def light_is(colour: str) -> Any:
    """The condition of a list for cases whose step shows a colour now."""
    def condition(case: Any) -> Any:
        moment = now()
        if colour == RED:
            return case.due_at < moment
        if colour == AMBER:
            return (case.amber_at <= moment) & (case.due_at >= moment)
        return case.amber_at > moment
    return condition
