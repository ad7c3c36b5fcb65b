"""The screens of disputes and of all that belongs to them; the dossier has a page and a print of its own."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from app.core.base.fields import fields_of
from app.core.base.moments import today
from app.core.base.numbers import parse_integer
from app.core.base.records import RuleError
from app.core.base.texts import InvalidValue, normalize_text, parse_text
from app.core.cases.papers import ASSIGNMENT
from app.core.cases.views import CaseView
from app.core.keeping.saving import save
from app.core.screens import NamedFilter, RecordView
from app.subsystems.mediation import dossier
from app.subsystems.mediation.dossier import DossierItem, DossierPaper
from app.subsystems.mediation.leads import UNDERWAY, CaseLead, PetitionAgency
from app.subsystems.mediation.papers import DOSSIER
from app.subsystems.mediation.records import Dispute, DisputeParty, DisputeRevisit, Mediation
from app.subsystems.mediation.steps import ENDED
from app.subsystems.mediation.sweeps import DisputeSweep

REMARK_LENGTH = 120


def _uneven(sweep: Any) -> Any:
    """Sweeps whose number is not that of the disputes registered from them, and nobody said why."""
    count = select(func.count(Dispute.id)).where(Dispute.sweep_id == sweep.id, Dispute.deleted_at.is_(None)).correlate(sweep).scalar_subquery()
    return (sweep.found_count != count) & (func.coalesce(sweep.explanation, "") == "")


class DisputeView(CaseView):
    record = Dispute
    papers = (*DOSSIER, ASSIGNMENT)
    show_page = "dispute"
    menu_order = 0
    icon = "fa-scale-balanced"
    charts = ["class_code", "state", "outcome", "scale", "source", "way", "urgency", "unit", "fulfilment", "satisfaction", "grid_code"]
    named_filters = {
        "unfiled": NamedFilter(_("Dossier to be filed"), lambda dispute: dispute.state.in_(ENDED) & dispute.archived_on.is_(None)),
        "unfulfilled": NamedFilter(_("Agreement overdue"), lambda dispute: (dispute.fulfil_by < today()) & (
            func.coalesce(dispute.fulfilment, "") != "fulfilled")),
        "danger": NamedFilter(_("Hidden danger"), lambda dispute: dispute.hidden_danger),
    }

    def may_now(self, action: str, row: Any) -> bool:
        """Also after its end papers come into the dossier, until that is filed."""
        gathering = action == "attach" and row.state in ENDED and row.archived_on is None
        return gathering and self.may(action) or super().may_now(action, row)

    def extras(self, row: Any) -> dict[str, Any]:
        """The parties, the leader in charge, and how far the dossier is."""
        lines = dossier.directory(row)
        wanted = [line for line in lines if line.wanted]
        return {**super().extras(row), "parties": row.parties, "party_words": fields_of(DisputeParty),
                "lead": next((lead for lead in row.leads if lead.until_on is None), None),
                "wanted": len(wanted), "lacking": [line.item for line in wanted if not line.there]}

    @expose("/dossier/<int:pk>", methods=["GET"])
    @has_access
    @permission_name("show")
    def dossier(self, pk: int) -> Any:
        """The checklist of a dossier: what the console has, which file bears a name, what somebody ticked."""
        row: Any = self.row_or_404(pk)
        return self.page("dossier", row=row, lines=dossier.directory(row), may_tick=self.may("edit") and row.archived_on is None)

    @expose("/dossier/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def tick(self, pk: int) -> Any:
        """Takes over what was ticked; a filed dossier is closed."""
        row: Any = self.row_or_404(pk)
        try:
            if row.archived_on is not None:
                raise RuleError(gettext("This dossier is filed: nothing is put in or taken out any more."))
            for line in dossier.directory(row):
                key = str(line.item.id)
                dossier.tick(row, line.item, f"there-{key}" in request.form, _pages(request.form.get(f"pages-{key}", "")),
                             _remark(request.form.get(f"remark-{key}", "")))
            save(row)
        except RuleError as error:
            flash(str(error), "danger")
        else:
            flash(gettext("The dossier is noted."), "success")
        return redirect(f"{self.route_base}/dossier/{pk}")

    def named_on(self, row: Any) -> list[Any]:
        return list(row.parties)


def _pages(text: str) -> int | None:
    if not normalize_text(text):
        return None
    try:
        return parse_integer(normalize_text(text))
    except InvalidValue as error:
        raise RuleError(error.message, "pages") from error


def _remark(text: str) -> str | None:
    try:
        return parse_text(text, REMARK_LENGTH) or None
    except InvalidValue as error:
        raise RuleError(error.message, "remark") from error


class DisputePartyView(RecordView):
    record = DisputeParty
    settled_by = ("dispute_id",)
    menu = ""  # reached from its dispute
    menu_order = 1
    icon = "fa-user-group"
    list_columns = ["dispute_id", "side", "name", "sex", "age", "phone", "grid_code"]


class MediationView(RecordView):
    """Mediations come by the step of their dispute; here they are read, counted and corrected."""

    record = Mediation
    settled_by = ("dispute_id",)
    menu = ""  # reached from its dispute
    menu_order = 2
    icon = "fa-handshake"
    list_columns = ["dispute_id", "held_on", "way", "mediators", "result", "grid_code"]
    charts = ["way", "result", "grid_code"]


class DisputeRevisitView(RecordView):
    """Revisits come by the step of their dispute; here they are read, counted and corrected."""

    record = DisputeRevisit
    menu = ""  # reached from its dispute
    menu_order = 3
    icon = "fa-rotate-left"
    list_columns = ["dispute_id", "visited_on", "fulfilment", "satisfaction", "hidden_danger", "grid_code"]
    charts = ["fulfilment", "satisfaction", "grid_code"]


class CaseLeadView(RecordView):
    """包案表: every dispute a leader answers for, as a leader reads it."""

    record = CaseLead
    settled_by = ("dispute_id",)
    menu_order = 4
    icon = "fa-user-shield"
    list_columns = ["dispute_id", "leader", "post", "since_on", "target_on", "progress", "grid_code"]
    charts = ["grid_code"]
    named_filters = {
        "current": NamedFilter(_("In charge now"), lambda lead: lead.until_on.is_(None)),
        "late": NamedFilter(_("Past the day"), lambda lead: lead.until_on.is_(None) & (lead.target_on < today())),
    }


class PetitionAgencyView(RecordView):
    record = PetitionAgency
    settled_by = ("dispute_id",)
    menu_order = 5
    icon = "fa-person-walking-arrow-right"
    charts = ["result", "grid_code"]
    named_filters = {"underway": NamedFilter(_("Underway"), lambda agency: agency.result == UNDERWAY)}


class DisputeSweepView(RecordView):
    record = DisputeSweep
    menu_order = 6
    icon = "fa-magnifying-glass-location"
    charts = ["grid_code"]
    named_filters = {
        "zero": NamedFilter(_("Zero reports"), lambda sweep: sweep.found_count == 0),
        "open": NamedFilter(_("Not checked yet"), lambda sweep: sweep.settled.is_(False)),
        "uneven": NamedFilter(_("Numbers differ"), _uneven),
    }

    def summary(self, row: Any) -> list[str]:
        """How many disputes are registered from it."""
        return [gettext("%(count)s registered from it", count=row.registered)]


class DossierPaperView(RecordView):
    record = DossierPaper
    settled_by = ("dispute_id",)
    menu = ""  # ticked on the page of the dossier
    menu_order = 7
    icon = "fa-file-circle-check"
    list_columns = ["dispute_id", "item_id", "pages", "remark", "grid_code"]
    charts = ["grid_code"]


class DossierItemView(RecordView):
    """卷宗目录: what a dossier must hold, for an administrator to edit."""

    record = DossierItem
    menu = "settings"
    menu_order = 930
    icon = "fa-folder-tree"
    charts = ["need"]
