"""What is said to whoever must act on a case: 催办, and 领导批示 with its answer."""

import sqlalchemy as sa
from alembic import op

revision = "0030_said_on_cases"
down_revision = "0029_case_ratings"
branch_labels = None
depends_on = None

PLACE = sa.String(15).with_variant(sa.String(15, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "case_prompt",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("record", sa.String(40), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("case_number", sa.String(24), nullable=False),
        sa.Column("grid_code", PLACE, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("said", sa.String(200), nullable=False),
        sa.Column("to", sa.String(200), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("answer", sa.Text()),
        sa.Column("answered_by", sa.String(64)),
        sa.Column("answered_at", sa.DateTime()))
    op.create_index("ix_case_prompt_case", "case_prompt", ["record", "record_id", "id"])
    op.create_index("ix_case_prompt_by", "case_prompt", ["by", "kind", "record", "record_id"])


def downgrade() -> None:
    op.drop_table("case_prompt")
