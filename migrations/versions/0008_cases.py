"""Cases: their limits, steps, supervision sheets and accountability, the clock, and events as the first type."""

import sqlalchemy as sa
from alembic import op

from app.core.asking.search import removals, statements

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

LIVE = {"sqlite_where": sa.text("deleted_at IS NULL"), "postgresql_where": sa.text("deleted_at IS NULL")}
CODE = sa.String(length=15).with_variant(sa.String(length=15, collation="C"), "postgresql")
NUMBER = sa.String(length=24).with_variant(sa.String(length=24, collation="C"), "postgresql")
RECORDS = ("accountability", "case_limit", "event", "supervision")


def _record() -> list[sa.Column]:
    """The columns every record has."""
    return [
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.Column("deleted_by", sa.String(length=64), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=True),
    ]


def upgrade() -> None:
    op.create_table(
        "case_limit",
        sa.Column("case_type", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("class_code", sa.String(length=10), nullable=False),
        sa.Column("urgency", sa.String(length=10), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=12), nullable=False),
        *_record(),
    )
    op.create_index("uq_case_limit_case_type_state_class_code_urgency", "case_limit", ["case_type", "state", "class_code", "urgency"], unique=True, **LIVE)
    op.create_table(
        "case_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("grid_code", CODE, nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("target", sa.String(length=12), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id")
    )
    op.create_index("ix_case_step_at", "case_step", ["record", "at"], unique=False)
    op.create_index("ix_case_step_case", "case_step", ["record", "record_id", "id"], unique=False)
    op.create_table(
        "counter",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key")
    )
    op.create_table(
        "accountability",
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.Column("late_hours", sa.Numeric(precision=8, scale=1), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("measure", sa.String(length=12), nullable=True),
        sa.Column("decided_by", sa.String(length=60), nullable=True),
        sa.Column("case_type", sa.String(length=20), nullable=False),
        sa.Column("case_number", sa.String(length=24), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("step", sa.String(length=12), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=True),
        sa.Column("person", sa.String(length=60), nullable=True),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("grid_code", CODE, nullable=False),
        *_record(),
        sa.ForeignKeyConstraint(["grid_code"], ["grid.code"], ondelete="RESTRICT"),
        sa.UniqueConstraint("case_number", "since", name="uq_accountability")
    )
    op.create_index("ix_accountability_case_number", "accountability", ["case_number"], unique=False)
    op.create_index("ix_accountability_grid_code", "accountability", ["grid_code"], unique=False)
    op.create_table(
        "event",
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("class_code", sa.String(length=8), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("happened_at", sa.DateTime(), nullable=True),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("longitude", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("latitude", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("scale", sa.String(length=8), nullable=True),
        sa.Column("people_count", sa.Integer(), nullable=True),
        sa.Column("is_major", sa.Boolean(), nullable=False),
        sa.Column("is_historic", sa.Boolean(), nullable=False),
        sa.Column("reporter", sa.String(length=60), nullable=True),
        sa.Column("reporter_phone", sa.String(length=20), nullable=True),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("urgency", sa.String(length=10), nullable=False),
        sa.Column("level_code", CODE, nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=True),
        sa.Column("handler", sa.String(length=60), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("merged_into", sa.String(length=24), nullable=True),
        sa.Column("in_time", sa.Boolean(), nullable=True),
        sa.Column("satisfaction", sa.String(length=12), nullable=True),
        sa.Column("extension_asked", sa.Integer(), nullable=True),
        sa.Column("extended", sa.Integer(), nullable=False),
        sa.Column("returned_count", sa.Integer(), nullable=False),
        sa.Column("rework_count", sa.Integer(), nullable=False),
        sa.Column("reopened_count", sa.Integer(), nullable=False),
        sa.Column("reported_at", sa.DateTime(), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("amber_at", sa.DateTime(), nullable=True),
        sa.Column("due_at", sa.DateTime(), nullable=True),
        sa.Column("case_due_at", sa.DateTime(), nullable=True),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("warned", sa.String(length=8), nullable=True),
        sa.Column("grid_code", CODE, nullable=False),
        *_record(),
        sa.ForeignKeyConstraint(["grid_code"], ["grid.code"], ondelete="RESTRICT"),
        sa.UniqueConstraint("number")
    )
    op.create_index("ix_event_amber_at", "event", ["amber_at"], unique=False)
    op.create_index("ix_event_class", "event", ["class_code", "id"], unique=False)
    op.create_index("ix_event_due_at", "event", ["due_at"], unique=False)
    op.create_index("ix_event_grid_code", "event", ["grid_code"], unique=False)
    op.create_index("ix_event_level_code", "event", ["level_code"], unique=False)
    op.create_index("ix_event_state", "event", ["state", "grid_code", "id"], unique=False)
    op.create_table(
        "supervision",
        sa.Column("card", sa.String(length=8), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column("case_type", sa.String(length=20), nullable=False),
        sa.Column("case_number", sa.String(length=24), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("step", sa.String(length=12), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=True),
        sa.Column("person", sa.String(length=60), nullable=True),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("grid_code", CODE, nullable=False),
        *_record(),
        sa.ForeignKeyConstraint(["grid_code"], ["grid.code"], ondelete="RESTRICT"),
        sa.UniqueConstraint("case_number", "since", "card", name="uq_supervision")
    )
    op.create_index("ix_supervision_card", "supervision", ["card", "id"], unique=False)
    op.create_index("ix_supervision_case_number", "supervision", ["case_number"], unique=False)
    op.create_index("ix_supervision_grid_code", "supervision", ["grid_code"], unique=False)
    op.create_table(
        "pulse",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("ran_at", sa.DateTime(), nullable=False),
        sa.Column("calendar", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "installation",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("value", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "ended_session",
        sa.Column("key", sa.String(length=43), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    for table in RECORDS:
        for statement in statements(table, op.get_bind().dialect.name):
            op.execute(statement)


def downgrade() -> None:
    for table in RECORDS:
        for statement in removals(table, op.get_bind().dialect.name):
            op.execute(statement)
    for table in (*RECORDS, "case_step", "counter", "pulse", "installation", "ended_session"):
        op.drop_table(table)
