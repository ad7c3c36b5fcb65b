"""News of cases; the handling unit of an account; indexes of whoever is in charge."""

import sqlalchemy as sa
from alembic import op

from app.core.search import removals, statements

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

CODE = sa.String(length=15).with_variant(sa.String(length=15, collation="C"), "postgresql")

LIVE = {"sqlite_where": sa.text("deleted_at IS NULL"), "postgresql_where": sa.text("deleted_at IS NULL")}


def _record() -> list[sa.Column]:
    """The columns every record has."""
    return [
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.Column("deleted_by", sa.String(length=64), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=True),
    ]


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
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("phrase", sa.String(length=200), nullable=False),
        sa.Column("order", sa.Integer(), nullable=False),
        *_record(),
    )
    op.create_index("uq_reply_phrase_step_phrase", "reply_phrase", ["step", "phrase"], unique=True, **LIVE)
    for statement in statements("reply_phrase", op.get_bind().dialect.name):
        op.execute(statement)
    op.add_column("ab_user", sa.Column("unit", sa.String(length=20), nullable=True))
    op.create_index("ix_event_handler", "event", ["handler"])
    op.create_index("ix_event_unit", "event", ["unit"])
    op.create_index("ix_event_reported_at", "event", ["reported_at"])


def downgrade() -> None:
    op.drop_index("ix_event_reported_at", "event")
    op.drop_index("ix_event_unit", "event")
    op.drop_index("ix_event_handler", "event")
    op.drop_column("ab_user", "unit")
    for statement in removals("reply_phrase", op.get_bind().dialect.name):
        op.execute(statement)
    op.drop_table("reply_phrase")
    op.drop_table("news")
