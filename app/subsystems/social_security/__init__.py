"""社会保障（救助）网格化推进体系: work, pensions, medical care, schooling, and aid to those in need (plan 六(四)1)."""

from flask_babel import lazy_gettext as _

from app.core.base.systems import System

SYSTEM = System(
    __name__, _("Social security and aid"), clause="六(四)1", lead="social_security", menu="services", order=244)
