"""社会基层党建网格化创立体系: party bodies and members, and what people wish, feel, need and resent (plan 六(四)3)."""

from flask_babel import lazy_gettext as _

from app.core.base.systems import System

SYSTEM = System(
    __name__, _("Party building at the grass roots"), clause="六(四)3", lead="party", menu="services", order=248)
