"""考核: street, communities, grids and their workers measured by what stands in the records (plan 二, 六(三)1)."""

from flask_babel import lazy_gettext as _

from app.core.base.systems import System

SYSTEM = System(
    __name__, _("Appraisal"), clause="二、六(三)1", lead="grid_office", menu="mechanisms", order=500)
