"""居民投诉机制: complaints by every channel, climbing a level where the answer does not satisfy (plan 机制4)."""

from flask_babel import lazy_gettext as _

from app.core.base.systems import System

SYSTEM = System(
    __name__, _("Complaints of residents"), clause="机制4", lead="petition", menu="mechanisms", order=350)
