"""The daily work of a grid: needs heard at the doors, services brought, utilities watched (plan 四(四), 六(一), 六(二))."""

from flask_babel import lazy_gettext as _

from app.core.base.systems import System

SYSTEM = System(
    __name__, _("Daily work of the grids"), clause="四(四)、六(一)、六(二)", lead="grid_office", menu="services", order=200)
