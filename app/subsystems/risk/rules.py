"""How the level of a risk follows from what the survey found and from the risk points; the office sets the marks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _

from app.core.base.options import option

HIGH, MEDIUM, LOW = "high", "medium", "low"
GO, CONDITIONAL, POSTPONE, REFUSE = "go", "conditional", "postpone", "refuse"
# High risk is not carried out before it is lowered, medium risk only with measures (practice of 中办发〔2012〕2号).
DECISIONS = {HIGH: (POSTPONE, REFUSE), MEDIUM: (CONDITIONAL, POSTPONE, REFUSE), LOW: (GO, CONDITIONAL, POSTPONE, REFUSE)}
MOST = 5  # likelihood, impact and the four scores run from 1 to 5

SECTION = _("Stability risk assessment")
AGAINST_HIGH = option("risk_against_high", SECTION, _("High risk: against, at least"), default=30, least=1, most=100, unit="%")
AGAINST_MEDIUM = option("risk_against_medium", SECTION, _("Medium risk: against, at least"), default=10, least=1, most=100, unit="%")
VALUE_HIGH = option("risk_value_high", SECTION, _("High risk: value of a risk point, at least"), default=15, least=1, most=25)
VALUE_MEDIUM = option("risk_value_medium", SECTION, _("Medium risk: value of a risk point, at least"), default=8, least=1, most=25)


@dataclass(frozen=True)
class Tally:
    """What the people said in all surveys of an assessment together."""

    support: int
    against: int
    unclear: int

    @classmethod
    def of(cls, surveys: Iterable[Any]) -> Tally:
        rows = list(surveys)
        return cls(*(sum(getattr(row, name) or 0 for row in rows) for name in ("support_count", "against_count", "unclear_count")))

    @property
    def total(self) -> int:
        return self.support + self.against + self.unclear

    def rate(self, count: int) -> Decimal | None:
        """The per cent of all voices, to one place; None when nobody was asked."""
        return (Decimal(100 * count) / self.total).quantize(Decimal("0.1")) if self.total else None

    @property
    def rates(self) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
        """Support, against and unclear, in per cent."""
        return self.rate(self.support), self.rate(self.against), self.rate(self.unclear)


def colour(value: int) -> str:
    """The level a risk point has by its value alone: likelihood times impact."""
    return HIGH if value >= VALUE_HIGH.value else MEDIUM if value >= VALUE_MEDIUM.value else LOW


def proposed(tally: Tally, values: Iterable[int], mass_event_likely: bool) -> str:
    """The level by rule: many against or a likely mass event is high, some is medium, few is low (domain 4.11)."""
    against = tally.rate(tally.against) or Decimal()
    points = {colour(value) for value in values}
    if mass_event_likely or against >= AGAINST_HIGH.value or HIGH in points:
        return HIGH
    return MEDIUM if against >= AGAINST_MEDIUM.value or MEDIUM in points else LOW
