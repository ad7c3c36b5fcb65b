"""A line of the timeline keeps what a step made of the matter itself: the old value and the new one."""

import sqlalchemy as sa
from alembic import op

revision = "0028_matter_corrected"
down_revision = "0027_sheets_in_order"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("case_step", sa.Column("changes", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    op.drop_column("case_step", "changes")
