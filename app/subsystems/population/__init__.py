"""人口计生网格化管理体系: cards, registers and monthly returns of those who live here (plan 六(四)6)."""

from flask_babel import lazy_gettext as _

from app.core.base.systems import System

SYSTEM = System(
    __name__, _("Population and families"), clause="六(四)6", lead="family", menu="services", order=430)
