"""应急处置机制: emergency plans, and the incidents in which they are activated (plan 机制3)."""

from flask_babel import lazy_gettext as _

from app.core.base.systems import System

SYSTEM = System(
    __name__, _("Response to emergencies"), clause="机制3", lead="safety", menu="mechanisms", order=340)
