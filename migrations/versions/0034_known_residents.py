"""Whoever complains, reports or has a petition carried may be picked from the register of residents."""

from alembic import op

revision = "0034_known_residents"
down_revision = "0033_pins"
branch_labels = None
depends_on = None

NAMING = ("complaint", "event", "petition_agency")


def upgrade() -> None:
    for table in NAMING:
        # In these words both databases add a column with its reference; SQLite knows no other way.
        op.execute(f"ALTER TABLE {table} ADD COLUMN resident_id INTEGER REFERENCES resident (id)")
        op.create_index(f"ix_{table}_resident_id", table, ["resident_id"])


def downgrade() -> None:
    for table in NAMING:
        op.drop_index(f"ix_{table}_resident_id", table)
        op.drop_column(table, "resident_id")
