"""文化网格化普及体系: plays, films, books, shows and papers brought to the grids, contests, lending (plan 六(四)8)."""

from flask_babel import lazy_gettext as _

from app.core.base.systems import System

SYSTEM = System(
    __name__, _("Culture in the grids"), clause="六(四)8", lead="culture", menu="services", order=450)
