"""How long it still is to a moment, or how long ago it passed: 还剩 1 小时 20 分, 超期 2 天."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import gettext as _

from app.core.base.moments import now

DAYS_ALONE = timedelta(days=3)  # from here on hours decide nothing


def left(due: datetime, moment: datetime | None = None) -> str:
    """What is left to a moment, or by how much it is past, by the clock on the wall."""
    moment = moment or now()
    if moment > due:
        return _("%(span)s overdue", span=span(moment - due))
    return _("%(span)s left", span=span(due - moment))


def span(length: timedelta) -> str:
    """A length of time in its two largest units; a begun minute counts."""
    minutes = max(-(-int(length.total_seconds()) // 60), 1)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [_("%(n)s d", n=days) if days else "",
             _("%(n)s h", n=hours) if hours and length < DAYS_ALONE else "",
             _("%(n)s min", n=minutes) if minutes and not days else ""]
    return " ".join(part for part in parts if part)
