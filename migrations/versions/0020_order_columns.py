"""Names sort by pinyin, addresses by their numbers, cases by the day they are due: a column beside each keeps the order."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

from app.core.base.ordering import text_order

revision = "0020_order_columns"
down_revision = "0019"
branch_labels = None
depends_on = None

PERSONS = (("resident", "name"), ("grid_staff", "name"), ("body_member", "name"), ("household", "head_name"), ("case_lead", "leader"))
WORDS = (("household", "number"), ("house", "address"), ("building", "address"), ("organization", "name"), ("leading_body", "name"),
         ("emergency_plan", "name"), ("security_area", "name"), ("security_informant", "number"), ("utility_unit", "name"))
CASES = ("event", "opinion", "complaint", "city_problem", "risk_assessment", "dispute", "service_request", "rectification",
         "utility_feedback", "incident", "hazard")
ORDER = sa.String(480).with_variant(sa.String(480, collation="C"), "postgresql")
NEVER = datetime(9999, 12, 31)
CHUNK = 5_000


def upgrade() -> None:
    for table, name in (*PERSONS, *WORDS):
        op.add_column(table, sa.Column(f"{name}_order", ORDER, nullable=False, server_default=""))
        _fill(table, name, person=(table, name) in PERSONS)
        op.create_index(f"ix_{table}_{name}_order", table, [f"{name}_order"])
    for table in CASES:
        op.add_column(table, sa.Column("due_at_order", sa.DateTime(), nullable=False, server_default=NEVER.isoformat(" ")))
        rows = sa.table(table, sa.column("due_at", sa.DateTime()), sa.column("due_at_order", sa.DateTime()))
        op.execute(rows.update().where(rows.c.due_at.is_not(None)).values(due_at_order=rows.c.due_at))
        op.create_index(f"ix_{table}_due_at_order", table, ["due_at_order"])


def _fill(table: str, name: str, person: bool) -> None:
    """Works the order of the stored texts out, part by part, so that a million rows need no memory."""
    rows = sa.table(table, sa.column("id", sa.Integer()), sa.column(name, sa.String()), sa.column(f"{name}_order", ORDER))
    change = rows.update().where(rows.c.id == sa.bindparam("which")).values({f"{name}_order": sa.bindparam("place")})
    last = 0
    while part := op.get_bind().execute(
            sa.select(rows.c.id, rows.c[name]).where(rows.c.id > last).order_by(rows.c.id).limit(CHUNK)).all():
        op.get_bind().execute(change, [{"which": key, "place": text_order(text or "", person)} for key, text in part])
        last = part[-1][0]


def downgrade() -> None:
    for table, name in (*PERSONS, *WORDS, *((table, "due_at") for table in CASES)):
        op.drop_index(f"ix_{table}_{name}_order", table)
        op.drop_column(table, f"{name}_order")
