"""Where an incident and a utility report are on the map."""

import sqlalchemy as sa
from alembic import op

revision = "0033_pins"
down_revision = "0032_stayed_solved"
branch_labels = None
depends_on = None

TABLES = ("incident", "utility_feedback")


def upgrade() -> None:
    for table in TABLES:
        for column in ("longitude", "latitude"):
            op.add_column(table, sa.Column(column, sa.Numeric(precision=9, scale=6), nullable=True))


def downgrade() -> None:
    for table in TABLES:
        for column in ("latitude", "longitude"):
            op.drop_column(table, column)
