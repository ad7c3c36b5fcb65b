"""The screen on which an administrator edits the code lists."""

from __future__ import annotations

from app.core.screens import RecordView
from app.core.telling.dictionaries import DictionaryEntry


class DictionaryEntryView(RecordView):
    record = DictionaryEntry
    menu_order = 0
    icon = "fa-list-ol"
