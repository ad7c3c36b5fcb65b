"""Sheets and entries of the register name the place that could have acted; sheets end with their case."""

import sqlalchemy as sa
from alembic import op

revision = "0025_who_could_have_acted"
down_revision = "0024_persons_in_charge"
branch_labels = None
depends_on = None

CASES = ("event", "opinion", "complaint", "city_problem", "risk_assessment", "dispute", "service_request", "rectification",
         "utility_feedback", "incident", "hazard")
CODE = sa.String(15).with_variant(sa.String(15, collation="C"), "postgresql")


def upgrade() -> None:
    for table in ("supervision", "accountability"):
        op.add_column(table, sa.Column("at_code", CODE, nullable=True))
    op.add_column("supervision", sa.Column("ended_at", sa.DateTime(), nullable=True))
    sheets = sa.table("supervision", *map(sa.column, ("case_number", "ended_at")))
    for name in CASES:
        case = sa.table(name, *map(sa.column, ("number", "closed_at")))
        ended = sa.select(case.c.closed_at).where(case.c.number == sheets.c.case_number, case.c.closed_at.is_not(None))
        op.execute(sheets.update().where(sa.exists(ended)).values(ended_at=ended.limit(1).scalar_subquery()))


def downgrade() -> None:
    op.drop_column("supervision", "ended_at")
    for table in ("supervision", "accountability"):
        op.drop_column(table, "at_code")
