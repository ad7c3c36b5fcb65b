"""The person in charge of a case is an account, where he has one; his name stays beside it."""

import sqlalchemy as sa
from alembic import op

revision = "0024_persons_in_charge"
down_revision = "0023_hidden_rows"
branch_labels = None
depends_on = None

CASES = ("event", "opinion", "complaint", "city_problem", "risk_assessment", "dispute", "service_request", "rectification",
         "utility_feedback", "incident", "hazard")


def upgrade() -> None:
    for table in CASES:
        # In these words both databases add a column with its reference; SQLite knows no other way.
        op.execute(f"ALTER TABLE {table} ADD COLUMN handler_id INTEGER REFERENCES ab_user (id)")
        op.create_index(f"ix_{table}_handler_id", table, ["handler_id"])
        _find(table)


def _find(table: str) -> None:
    """Whoever heard of a case until now by his full name goes on doing so, where just one account has that name."""
    people = sa.table("ab_user", *map(sa.column, ("id", "last_name", "first_name")))
    name = sa.func.coalesce(people.c.last_name, "") + sa.func.coalesce(people.c.first_name, "")
    alone = sa.select(name.label("name"), sa.func.min(people.c.id).label("id")).group_by(name).having(sa.func.count() == 1)
    rows = sa.table(table, sa.column("handler", sa.String()), sa.column("handler_id", sa.Integer()))
    for full_name, account in op.get_bind().execute(alone).all():
        if full_name:
            op.execute(rows.update().where(rows.c.handler == full_name).values(handler_id=account))


def downgrade() -> None:
    for table in CASES:
        op.drop_index(f"ix_{table}_handler_id", table)
        op.drop_column(table, "handler_id")
