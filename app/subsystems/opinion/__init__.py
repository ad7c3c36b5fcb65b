"""社情民意网格化调查体系: boxes for letters, opinions graded, answered and posted (plan 六(四)5)."""

from flask_babel import lazy_gettext as _

from app.core.base.systems import System

SYSTEM = System(
    __name__, _("Opinions of the people"), clause="六(四)5", lead="grid_office", menu="services", order=250)
