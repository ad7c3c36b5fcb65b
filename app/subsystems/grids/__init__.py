"""The grids in three levels, their map, and the teams that keep them (plan 四(一), 四(二), 四(三), 六(三))."""

from flask_babel import lazy_gettext as _

from app.core.base.systems import System

SYSTEM = System(
    __name__, _("Grids and teams"), clause="四(一)、四(二)、四(三)、六(三)", lead="grid_office", menu="grids", order=70)
