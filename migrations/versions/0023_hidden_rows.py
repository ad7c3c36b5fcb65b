"""Rows an import has written and not shown yet."""

import sqlalchemy as sa
from alembic import op

revision = "0023_hidden_rows"
down_revision = "0022_values_remembered"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hidden_rows",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("record", sa.String(length=40), nullable=False),
        sa.Column("low", sa.Integer(), nullable=False),
        sa.Column("high", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], ondelete="CASCADE"),
    )
    op.create_index("ix_hidden_rows_batch_id", "hidden_rows", ["batch_id"])


def downgrade() -> None:
    op.drop_table("hidden_rows")
