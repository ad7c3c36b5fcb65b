"""What a role may do: one table. Views are named by their class; "*" stands for every record."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.core.base.registry import record_view_names
from app.core.cases.steps import Duty

ADMIN = "系统管理员"
LOOK = {"list", "show", "chart", "search"}
WRITE = LOOK | {"add", "edit", "attach"}
KEEP = WRITE | {"delete", "import", "export", "reveal"}
# What a case asks of its level (app/core/cases/steps.py): a role is granted duties, a step says which one it is part of.
WHOLE = set(Duty)
DESK = {Duty.RECEIVE, Duty.DIRECT, Duty.HANDLE}
FIELD = {Duty.RECEIVE, Duty.HANDLE, Duty.VISIT}
INSPECTION = {Duty.CHECK, Duty.VISIT}
# What is said to whoever must act (app/core/cases/prompts.py).
URGE, INSTRUCT = {"urge"}, {"instruct"}
# What the step of a case writes is corrected, never added, imported or deleted by hand.
CORRECT = LOOK | {"edit", "export"}
# What residents send is decided about, never added, changed or imported by hand.
DECIDE = LOOK | {"decide", "export"}
# What steps of a case wrote is read and printed, never written by hand.
READ = LOOK | {"export"}
# What the clock raises is answered and decided, never added, imported or deleted by hand.
ANSWER = LOOK | {"edit", "export"}
NOTHING: set[str] = set()
# What the whole street goes by, kept in one place.
CATALOGUES = ("CaseLimitView", "ReplyPhraseView", "UtilityUnitView", "ServiceItemView", "CityStandardView", "DossierItemView")
# Who the informants are and what they told: only for those who lead them (plan 六(四)4).
INFORMANTS = ("SecurityInformantView", "SecurityTipView")

# What every role has unless it says otherwise: its own pages, and a look at what the office set.
COMMON: dict[str, set[str]] = {
    "HomeView": {"home", "checkup", "search"},
    "InboxView": {"list"},
    "PosterView": {"sheet"},
    "JobView": {"list"},
    "OpenApi": {"get"},
    "AccessLogView": {"list"},
    "ResetMyPasswordView": {"this_form_get", "this_form_post"},
    "UserInfoEditView": {"this_form_get", "this_form_post"},
    "UserDBModelView": {"userinfo", "resetmypassword"},
    "DictionaryEntryView": NOTHING,
    "CalendarDayView": LOOK,
    **dict.fromkeys(CATALOGUES, LOOK),
    "NewsView": {"list"},
    "SupervisionView": LOOK,
    "AccountabilityView": LOOK,
    "PublicReportView": LOOK,
    "ComplaintReplyView": LOOK,
    "MediationView": LOOK,
    "DisputeRevisitView": LOOK,
    **dict.fromkeys(INFORMANTS, NOTHING),
}
BY_STEPS = {"MediationView": CORRECT, "DisputeRevisitView": CORRECT}
LEADERSHIP_TO_READ = {"LeadingBodyView": LOOK, "BodyMemberView": LOOK}

ROLES: dict[str, dict[str, set[str]]] = {
    ADMIN: {"*": KEEP, "JobView": {"list", "all"}},
    "街道管理员": {**COMMON, **BY_STEPS, "*": KEEP | WHOLE | URGE | {"paperforms"}, "DictionaryEntryView": KEEP, "CalendarDayView": KEEP,
              **dict.fromkeys(CATALOGUES, KEEP), **dict.fromkeys(INFORMANTS, KEEP), "SupervisionView": ANSWER, "AccountabilityView": ANSWER,
              "OfficeSettingsView": {"list", "edit"}, "PublicReportView": DECIDE, "ComplaintReplyView": READ | {"paperforms"},
              "AccessLogView": {"list", "all"}},
    "街道业务员": {**COMMON, **BY_STEPS, "*": WRITE | DESK | URGE | {"export"}, "GridView": LOOK, "DictionaryEntryView": LOOK,
              "SupervisionView": ANSWER, "PublicReportView": DECIDE, "ComplaintReplyView": READ},
    "社区书记/社区管理员": {**COMMON, **BY_STEPS, **LEADERSHIP_TO_READ, "*": KEEP | WHOLE | URGE, "GridView": LOOK | {"edit", "export"},
                   **dict.fromkeys(INFORMANTS, KEEP), "SupervisionView": ANSWER, "PublicReportView": DECIDE, "ComplaintReplyView": READ},
    "网格员": {**COMMON, **LEADERSHIP_TO_READ, "*": WRITE | FIELD | {"reveal"},
            "GridView": LOOK, "GridStaffView": LOOK, "CaseLeadView": LOOK, "MediationView": LOOK | {"edit"}, "DisputeRevisitView": LOOK | {"edit"}},
    "督查考核员": {**COMMON, "*": LOOK | INSPECTION | URGE | {"export"},
              "AccountabilityView": ANSWER, "ComplaintReplyView": READ, "AccessLogView": {"list", "all"}},
    "领导(只读)": {**COMMON, "*": LOOK | URGE | INSTRUCT},
}

ENGLISH = {
    ADMIN: _("System administrator"), "街道管理员": _("Street administrator"),
    "街道业务员": _("Street clerk"), "社区书记/社区管理员": _("Community secretary"),
    "网格员": _("Grid worker"), "督查考核员": _("Inspector"), "领导(只读)": _("Leader (reads only)"),
}


def allows(role: str, action: str, view: str) -> bool:
    """Whether a role of the table may do an action (list, edit, a duty of cases ...) on a view."""
    if role == ADMIN:
        return True
    table = ROLES.get(role)
    if table is None:
        return False
    return action in (table[view] if view in table else table["*"] if view in record_view_names() else NOTHING)
