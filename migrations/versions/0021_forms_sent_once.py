"""Forms that were sent, so that each is saved once."""

import sqlalchemy as sa
from alembic import op

revision = "0021_forms_sent_once"
down_revision = "0020_order_columns"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sending",
        sa.Column("key", sa.String(length=32), primary_key=True),
        sa.Column("content", sa.String(length=32), nullable=False),
        sa.Column("led_to", sa.String(length=400), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
    )
    op.create_index("ix_sending_at", "sending", ["at"])


def downgrade() -> None:
    op.drop_table("sending")
