"""城市建设网格化管理体系: problems of the street found, handed out and put right by their standard (plan 六(四)7)."""

from flask_babel import lazy_gettext as _

from app.core.base.systems import System

SYSTEM = System(
    __name__, _("City management"), clause="六(四)7", lead="city_office", menu="services", order=440)
