"""The register's indexes leave the recycle bin out, so that lists are answered without reading the rows."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INDEXES = {"ix_resident_place": ["grid_code", "id"], "ix_resident_name": ["name", "id"],
           "ix_resident_birth": ["birth_on", "id"]}
LIVE, GONE = sa.text("deleted_at IS NULL"), sa.text("deleted_at IS NOT NULL")


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.drop_index(name, "resident")
        op.create_index(name, "resident", columns, sqlite_where=LIVE, postgresql_where=LIVE)
    op.create_index("ix_resident_bin", "resident", ["grid_code", "id"], sqlite_where=GONE, postgresql_where=GONE)


def downgrade() -> None:
    op.drop_index("ix_resident_bin", "resident")
    for name, columns in INDEXES.items():
        op.drop_index(name, "resident")
        op.create_index(name, "resident", columns)
