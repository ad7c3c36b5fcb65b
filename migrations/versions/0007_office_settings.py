"""What an office sets for itself, and its working calendar."""

import sqlalchemy as sa
from alembic import op

from app.core.asking.search import removals, statements

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

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
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=True),
        *_record(),
    )
    op.create_index("uq_calendar_day_day", "calendar_day", ["day"], unique=True, **LIVE)
    op.create_table(
        "office_option",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=80), nullable=False),
        *_record(),
    )
    op.create_index("uq_office_option_key", "office_option", ["key"], unique=True, **LIVE)
    for table in ("calendar_day", "office_option"):
        for statement in statements(table, op.get_bind().dialect.name):
            op.execute(statement)


def downgrade() -> None:
    for table in ("calendar_day", "office_option"):
        for statement in removals(table, op.get_bind().dialect.name):
            op.execute(statement)
        op.drop_table(table)
