"""Some weeks after the end a resident says whether it stayed solved."""

import sqlalchemy as sa
from alembic import op

revision = "0032_stayed_solved"
down_revision = "0031_extension_by_class"
branch_labels = None
depends_on = None

CASES = ("event", "opinion", "complaint", "city_problem", "risk_assessment", "dispute", "service_request", "rectification",
         "utility_feedback", "incident", "hazard")


def upgrade() -> None:
    for table in CASES:
        op.add_column(table, sa.Column("solved", sa.String(length=8), nullable=True))


def downgrade() -> None:
    for table in CASES:
        op.drop_column(table, "solved")
