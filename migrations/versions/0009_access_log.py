"""The access log: whether values left whole, from which computer, and every column, however many."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("access_log") as table:
        table.add_column(sa.Column("whole", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("address", sa.String(length=45), nullable=True))
        table.alter_column("columns", type_=sa.Text(), existing_type=sa.String(length=1000), existing_nullable=True)
        table.drop_index("ix_access_log_record")
    op.execute("UPDATE access_log SET whole = coalesce(columns LIKE '% whole', false)")
    with op.batch_alter_table("access_log") as table:
        table.create_index("ix_access_log_record", ["record", "record_id", "id"])
        table.create_index("ix_access_log_by", ["by", "id"])


def downgrade() -> None:
    with op.batch_alter_table("access_log") as table:
        table.drop_index("ix_access_log_by")
        table.drop_index("ix_access_log_record")
        table.drop_column("address")
        table.drop_column("whole")
        table.alter_column("columns", type_=sa.String(length=1000), existing_type=sa.Text(), existing_nullable=True)
    with op.batch_alter_table("access_log") as table:
        table.create_index("ix_access_log_record", ["record", "record_id"])
