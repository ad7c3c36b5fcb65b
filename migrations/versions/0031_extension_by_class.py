"""How much may be granted on top stands beside each limit, by class too; the one row a type had for it is taken over."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0031_extension_by_class"
down_revision = "0030_said_on_cases"
branch_labels = None
depends_on = None

STATE_OF = {"complaint": "handling", "opinion": "handling", "rectification": "rectifying"}  # where more time is asked for; dispatched elsewhere
LIMITS = sa.table("case_limit", *map(sa.column, ("id", "case_type", "state", "class_code", "urgency", "amount", "unit", "extension")),
                  sa.column("deleted_at", sa.DateTime()), sa.column("deleted_by", sa.String()))
ENTRIES = sa.table("dictionary_entry", *map(sa.column, ("kind", "code")), sa.column("active", sa.Boolean()))


def upgrade() -> None:
    op.add_column("case_limit", sa.Column("extension", sa.Integer(), nullable=True))
    connection = op.get_bind()
    said = connection.execute(sa.select(LIMITS).where(LIMITS.c.state == "extension", LIMITS.c.deleted_at.is_(None))).all()
    for row in sorted(said, key=lambda row: (len(row.class_code), bool(row.urgency))):
        _take_over(connection, row, STATE_OF.get(row.case_type, "dispatched"))
    connection.execute(ENTRIES.update().where(ENTRIES.c.kind == "case_state", ENTRIES.c.code == "extension").values(active=False))


def _take_over(connection: sa.Connection, row: sa.Row, state: str) -> None:
    """Every limit a row stood for says it now; where its class had no limit of its own the row becomes that limit."""
    of_state = [LIMITS.c.case_type == row.case_type, LIMITS.c.state == state, LIMITS.c.deleted_at.is_(None)]
    which = [*of_state, LIMITS.c.class_code.like(f"{row.class_code}%"), *([LIMITS.c.urgency == row.urgency] if row.urgency else [])]
    connection.execute(LIMITS.update().where(*which).values(extension=row.amount))
    others = connection.execute(sa.select(LIMITS).where(*of_state)).all()
    fitting = [other for other in others if row.class_code.startswith(other.class_code) and other.urgency in ("", row.urgency)]
    nearest = max(fitting, key=lambda other: (len(other.class_code), bool(other.urgency)), default=None)
    if nearest is None or (nearest.class_code, nearest.urgency) == (row.class_code, row.urgency):
        gone = {"deleted_at": datetime.now(UTC).replace(tzinfo=None), "deleted_by": "system"}
    else:
        gone = {"state": state, "amount": nearest.amount, "unit": nearest.unit, "extension": row.amount}
    connection.execute(LIMITS.update().where(LIMITS.c.id == row.id).values(**gone))


def downgrade() -> None:
    op.drop_column("case_limit", "extension")
