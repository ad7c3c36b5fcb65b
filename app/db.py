"""The one database object; records import it from here."""

from flask_appbuilder.models.sqla.base import SQLA
from flask_appbuilder.models.sqla import Model

db = SQLA(model_class=Model)
