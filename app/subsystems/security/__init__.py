"""社会治安网格化防控体系: hazards, informants and tips, places to be put right (plan 六(四)4)."""

from flask_babel import lazy_gettext as _

from app.core.base.systems import System

SYSTEM = System(
    __name__, _("Public security"), clause="六(四)4", lead="police", menu="services", order=400)
