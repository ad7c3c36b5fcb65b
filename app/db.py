"""The one database object; records import it from here."""

from flask_appbuilder.models.sqla import Model
from flask_appbuilder.models.sqla.base import SQLA

db = SQLA(model_class=Model)
