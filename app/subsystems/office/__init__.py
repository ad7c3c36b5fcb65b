"""What the office sets for all of it: code lists, work calendar, phrases (plan 六(三)1)."""

from flask_babel import lazy_gettext as _

from app.core.base.systems import System

SYSTEM = System(
    __name__, _("Settings of the office"), clause="六(三)1", lead="grid_office", menu="settings", order=900)
