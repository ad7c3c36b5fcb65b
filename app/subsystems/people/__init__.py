"""The base registers: residents, households, houses, buildings and organizations, each once (plan 四(二), 四(四)1)."""

from flask_babel import lazy_gettext as _

from app.core.base.systems import System

SYSTEM = System(
    __name__, _("Residents, households and houses"), clause="四(二)、四(四)1", lead="grid_office", menu="base", order=0)
