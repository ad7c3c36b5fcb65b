"""News of cases; the handling unit of an account; indexes of whoever is in charge."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import CODE, LIVE, close_search, open_search, record_columns

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "news",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("record", sa.String(length=40), nullable=False),
        sa.Column("case_number", sa.String(length=24), nullable=False),
        sa.Column("grid_code", CODE, nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("read_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], ondelete="CASCADE"),
    )
    op.create_index("ix_news_unread", "news", ["user_id", "read_at", "id"])
    op.create_index("ix_news_at", "news", ["at"])
    op.create_table(
        "reply_phrase",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("phrase", sa.String(length=200), nullable=False),
        *record_columns(),
    )
    op.create_index("uq_reply_phrase_number", "reply_phrase", ["number"], unique=True, **LIVE)
    open_search(["reply_phrase"])
    op.add_column("ab_user", sa.Column("unit", sa.String(length=20), nullable=True))
    op.create_index("ix_event_handler", "event", ["handler"])
    op.create_index("ix_event_unit", "event", ["unit"])
    op.create_index("ix_event_reported_at", "event", ["reported_at"])


def downgrade() -> None:
    op.drop_index("ix_event_reported_at", "event")
    op.drop_index("ix_event_unit", "event")
    op.drop_index("ix_event_handler", "event")
    op.drop_column("ab_user", "unit")
    close_search(["reply_phrase"])
    op.drop_table("reply_phrase")
    op.drop_table("news")
