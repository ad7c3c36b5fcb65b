"""社会矛盾网格化大调解体系: quarrels found, mediated, followed up and filed (plan 六(四)2, 机制2; GB/T 31000)."""

from flask_babel import lazy_gettext as _

from app.core.base.systems import System

SYSTEM = System(
    __name__, _("Mediation of social conflicts"), clause="六(四)2、机制2", lead="grid_office", menu="mechanisms", order=310)
