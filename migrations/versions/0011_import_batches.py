"""What imports wrote, so that a whole one can be taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_batch",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("record", sa.String(length=40), nullable=False),
        sa.Column("file", sa.String(length=120), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("node", sa.String(length=15), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        sa.Column("undone_by", sa.String(length=64), nullable=True),
        sa.Column("left", sa.JSON(), nullable=True),
    )
    op.create_index("ix_import_batch_record", "import_batch", ["record", "id"])
    op.create_table(
        "import_part",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("batch_id", sa.Integer(), sa.ForeignKey("import_batch.id", ondelete="CASCADE"), nullable=False),
        sa.Column("record", sa.String(length=40), nullable=False),
        sa.Column("rows", sa.Text(), nullable=False),
    )
    op.create_index("ix_import_part_batch_id", "import_part", ["batch_id"])


def downgrade() -> None:
    op.drop_table("import_part")
    op.drop_table("import_batch")
