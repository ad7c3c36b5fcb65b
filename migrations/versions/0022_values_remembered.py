"""What the office reads wrong values of workbooks as."""

import sqlalchemy as sa
from alembic import op

revision = "0022_values_remembered"
down_revision = "0021_forms_sent_once"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "remembered_value",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record", sa.String(length=40), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("wrong", sa.String(length=120), nullable=False),
        sa.Column("right", sa.String(length=120), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("record", "field", "wrong", name="uq_remembered_value"),
    )


def downgrade() -> None:
    op.drop_table("remembered_value")
