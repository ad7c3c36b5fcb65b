"""The screens of a record, derived from its declaration; what a view says by hand wins."""

from __future__ import annotations

from app.core.base.registry import enter
from app.core.screens.bulk import BulkPages
from app.core.screens.charts import ChartPages
from app.core.screens.files import FilePages
from app.core.screens.forms import FormPages
from app.core.screens.import_batches import ImportBatchPages
from app.core.screens.imports import ImportPages
from app.core.screens.lists import ListPages
from app.core.screens.paper import PaperPages
from app.core.screens.records import RecordPages
from app.core.screens.screen import NamedFilter
from app.core.screens.sheets import SheetPages

__all__ = ["NamedFilter", "RecordView"]


class RecordView(BulkPages, FormPages, RecordPages, SheetPages, ImportPages, ImportBatchPages, ChartPages,
                 PaperPages, ListPages, FilePages):
    """Every screen of one record. Subclasses name the record; all else may be left to it."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        enter(cls)
