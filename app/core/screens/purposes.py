"""Asking by what is hidden: who may see it whole says once what he needs it for, and every question is written down."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import abort, make_response, redirect, request, session
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from werkzeug.datastructures import MultiDict

from app.core.asking import listing
from app.core.asking.filters import is_unmasking
from app.core.base.crypto import keyring
from app.core.base.records import RuleError
from app.core.base.registry import record_name
from app.core.screens.filters import FilterWords
from app.core.telling.masking import REVEAL, checked_purpose, log_access

PURPOSES, LAST_ASKED = "purposes", "last_asked"


class PurposePages(FilterWords):
    """The question before a list or a chart by hidden columns (低保, 残疾), which would tell what is hidden of many."""

    def list_state(self, args: MultiDict[str, str], *by: str) -> listing.ListState:
        """A list's state from an address, for a page that counts ``by`` columns; asks for the purpose where it needs one."""
        state = self.asked_state(args)
        hidden = dict.fromkeys([*state.hidden(), *(name for name in by if name and is_unmasking(self.words[name]))])
        if state.unmask and hidden:
            self._write_down(state, list(hidden))
        return state

    def asked_state(self, args: MultiDict[str, str]) -> listing.ListState:
        """The same for a page that asks for a purpose and writes it down by itself."""
        return listing.read_state(self, args, unmask=self.may("reveal"))

    def _write_down(self, state: listing.ListState, hidden: list[str]) -> None:
        """Writes down what is asked under the purpose of this session; without one, its page is the answer."""
        name = record_name(self.record)
        purpose = session.get(PURPOSES, {}).get(name)
        if purpose is None:
            abort(make_response(self._purpose_page(state)))
        asked = keyring().digest("asked", urlencode({**state.args(), "by": hidden}, doseq=True))
        if session.get(LAST_ASKED) != [name, asked]:
            log_access(REVEAL, self.record, purpose, filters=state.args(), columns=",".join(hidden),
                       rows=listing.count(state, self)[0])
            session[LAST_ASKED] = [name, asked]

    def _purpose_page(self, state: listing.ListState, error: str = "", back: str = "") -> str:
        here = request.full_path if request.method == "GET" else f"{self.route_base}/list/{self.list_url(state)}"
        return str(self.page("purpose", state=state, chips=self.chips(state), error=error, back=back or here))

    @expose("/purpose", methods=["POST"])
    @has_access
    @permission_name("reveal")
    def purpose(self) -> Any:
        """Keeps what somebody needs the hidden columns of this record for, as long as he is signed in."""
        back = request.form.get("back", "")
        back = back if back.startswith(f"{self.route_base}/") else f"{self.route_base}/list/"
        try:
            purpose = checked_purpose(request.form.get("purpose", ""))
        except RuleError as refused:
            state = listing.ListState(self.record, [])
            return self._purpose_page(state, str(refused), back), refused.status
        session[PURPOSES] = {**session.get(PURPOSES, {}), record_name(self.record): purpose[:200]}
        return redirect(back)
