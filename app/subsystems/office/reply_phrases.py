"""The screens of 惯用语."""

from __future__ import annotations

from app.core.cases.phrases import ReplyPhrase
from app.core.screens import RecordView


class ReplyPhraseView(RecordView):
    record = ReplyPhrase
    menu_order = 30
    icon = "fa-comment-dots"
