"""The public door: reports of residents, and what a case keeps of them."""

import sqlalchemy as sa
from alembic import op

from app.core.asking.search import removals, statements

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

CODE = sa.String(length=15).with_variant(sa.String(length=15, collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("event", sa.Column("by_public", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("event", sa.Column("public_answer", sa.Text(), nullable=True))
    op.create_table(
        "public_report",
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("case_type", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("signs", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(), nullable=False),
        sa.Column("case_number", sa.String(length=24), nullable=True),
        sa.Column("typed", sa.Text(), nullable=True),
        sa.Column("code_digest", sa.String(length=32), nullable=False),
        sa.Column("text_digest", sa.String(length=32), nullable=False),
        sa.Column("proof_digest", sa.String(length=32), nullable=False),
        sa.Column("grid_code", CODE, nullable=False),
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.Column("deleted_by", sa.String(length=64), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["grid_code"], ["grid.code"], ondelete="RESTRICT"),
        sa.UniqueConstraint("number"), sa.UniqueConstraint("code_digest"), sa.UniqueConstraint("proof_digest"),
    )
    op.create_index("ix_public_report_grid_code", "public_report", ["grid_code"])
    op.create_index("ix_public_report_case_number", "public_report", ["case_number"])
    op.create_index("ix_public_report_text_digest", "public_report", ["text_digest"])
    op.create_index("ix_public_report_state", "public_report", ["state", "grid_code", "id"])
    for statement in statements("public_report", op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    for statement in removals("public_report", op.get_bind().dialect.name):
        op.execute(statement)
    op.drop_table("public_report")
    op.drop_column("event", "public_answer")
    op.drop_column("event", "by_public")
