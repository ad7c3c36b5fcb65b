"""Sheets that want an answer and steps that are late stand on top of their lists, by an index."""

from alembic import op

revision = "0027_sheets_in_order"
down_revision = "0026_who_asked_for_time"
branch_labels = None
depends_on = None

INDEXES = (("ix_supervision_asking", "supervision", ["answered_at", "ended_at", "card", "due_at", "id"]),
           ("ix_accountability_running", "accountability", ["done_at", "due_at", "id"]))


def upgrade() -> None:
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, table, _columns in INDEXES:
        op.drop_index(name, table)
