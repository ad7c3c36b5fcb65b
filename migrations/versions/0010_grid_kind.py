"""The kind (基础网格, 专属网格) is a matter of base grids: a street or a community has none."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE grid SET kind = '' WHERE level <> 'base'")


def downgrade() -> None:
    op.execute("UPDATE grid SET kind = 'base' WHERE kind = ''")
