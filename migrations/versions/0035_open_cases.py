"""The open cases of a type have an index of their own, and those merged into others."""

import sqlalchemy as sa
from alembic import op

revision = "0035_open_cases"
down_revision = "0034_known_residents"
branch_labels = None
depends_on = None

CASES = ("event", "opinion", "complaint", "city_problem", "risk_assessment", "dispute", "service_request", "rectification",
         "utility_feedback", "incident", "hazard")
OPEN, MERGED = sa.text("closed_at IS NULL"), sa.text("merged_into IS NOT NULL")


def upgrade() -> None:
    for table in CASES:
        op.create_index(f"ix_{table}_open", table, ["due_at", "number"], sqlite_where=OPEN, postgresql_where=OPEN)
        op.create_index(f"ix_{table}_merged", table, ["merged_into"], sqlite_where=MERGED, postgresql_where=MERGED)


def downgrade() -> None:
    for table in CASES:
        op.drop_index(f"ix_{table}_merged", table)
        op.drop_index(f"ix_{table}_open", table)
