"""社会稳定风险评估机制: what may stir up the people is surveyed, graded and decided before it begins (plan 机制1)."""

from flask_babel import lazy_gettext as _

from app.core.base.systems import System

SYSTEM = System(
    __name__, _("Assessment of risks to stability"), clause="机制1", lead="grid_office", menu="mechanisms", order=320)
