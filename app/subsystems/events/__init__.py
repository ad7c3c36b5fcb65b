"""What grids and residents report, run to its end, and what a clock raises when it is late (plan 四(四)1, 机制2)."""

from flask_babel import lazy_gettext as _

from app.core.base.systems import System

SYSTEM = System(
    __name__, _("Events and supervision"), clause="四(四)1、机制2", lead="grid_office", menu="mechanisms", order=300)
