"""Headings of the menu, in their order: the name parts of the plan and views use, words, icon."""

from flask_babel import lazy_gettext as _

HEADINGS = (
    ("base", _("Base records"), "fa-layer-group"),
    ("grids", _("Grids and staff"), "fa-map"),
    ("services", _("Service subsystems"), "fa-hands-helping"),
    ("mechanisms", _("Mechanisms"), "fa-gears"),
    ("settings", _("Settings"), "fa-sliders"),
)
