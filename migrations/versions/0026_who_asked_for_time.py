"""A case says who asked for more time: somebody else grants it."""

import sqlalchemy as sa
from alembic import op

revision = "0026_who_asked_for_time"
down_revision = "0025_who_could_have_acted"
branch_labels = None
depends_on = None

CASES = ("event", "opinion", "complaint", "city_problem", "risk_assessment", "dispute", "service_request", "rectification",
         "utility_feedback", "incident", "hazard")


def upgrade() -> None:
    for table in CASES:
        op.add_column(table, sa.Column("extension_by", sa.String(length=64), nullable=True))


def downgrade() -> None:
    for table in CASES:
        op.drop_column(table, "extension_by")
