"""Complaints with their written answers; opinion boxes, their openings, and opinions."""

import sqlalchemy as sa
from alembic import op

from app.core.search import removals, statements

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

LIVE = {"sqlite_where": sa.text("deleted_at IS NULL"), "postgresql_where": sa.text("deleted_at IS NULL")}
CODE = sa.String(length=15).with_variant(sa.String(length=15, collation="C"), "postgresql")
NUMBER = sa.String(length=24).with_variant(sa.String(length=24, collation="C"), "postgresql")
BOX_NUMBER = sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql")
RECORDS = ("opinion_box", "box_opening", "opinion", "complaint", "complaint_reply")


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


def _case() -> list[sa.Column]:
    """The columns every case has."""
    return [
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("urgency", sa.String(length=10), nullable=False),
        sa.Column("level_code", CODE, nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=True),
        sa.Column("handler", sa.String(length=60), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("by_public", sa.Boolean(), nullable=False),
        sa.Column("public_answer", sa.Text(), nullable=True),
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
    ]


def upgrade() -> None:
    op.create_table(
        "opinion_box",
        sa.Column("number", BOX_NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("cycle", sa.String(length=12), nullable=False),
        sa.Column("keeper", sa.String(length=60), nullable=True),
        sa.Column("set_up_on", sa.Date(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("grid_code", CODE, nullable=False),
        *_record(),
        sa.ForeignKeyConstraint(["grid_code"], ["grid.code"], ondelete="RESTRICT"),
    )
    op.create_index("ix_opinion_box_grid_code", "opinion_box", ["grid_code"], unique=False)
    op.create_index("uq_opinion_box_number", "opinion_box", ["number"], unique=True, **LIVE)
    op.create_table(
        "box_opening",
        sa.Column("box_id", sa.Integer(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("opener", sa.String(length=60), nullable=False),
        sa.Column("second_opener", sa.String(length=60), nullable=False),
        sa.Column("letter_count", sa.Integer(), nullable=False),
        sa.Column("is_finished", sa.Boolean(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("grid_code", CODE, nullable=False),
        *_record(),
        sa.ForeignKeyConstraint(["box_id"], ["opinion_box.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["grid_code"], ["grid.code"], ondelete="RESTRICT"),
    )
    op.create_index("ix_box_opening_box_id", "box_opening", ["box_id"], unique=False)
    op.create_index("ix_box_opening_day", "box_opening", ["opened_on", "id"], unique=False)
    op.create_index("ix_box_opening_grid_code", "box_opening", ["grid_code"], unique=False)
    op.create_index("uq_box_opening_box_id_opened_on", "box_opening", ["box_id", "opened_on"], unique=True, **LIVE)
    op.create_table(
        "opinion",
        sa.Column("topic", sa.String(length=80), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=True),
        sa.Column("life_field", sa.String(length=12), nullable=True),
        sa.Column("box_id", sa.Integer(), nullable=True),
        sa.Column("opening_id", sa.Integer(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("is_anonymous", sa.Boolean(), nullable=False),
        sa.Column("writer", sa.String(length=60), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("level", sa.String(length=12), nullable=True),
        sa.Column("feedback_way", sa.String(length=12), nullable=True),
        *_case(),
        sa.Column("grid_code", CODE, nullable=False),
        *_record(),
        sa.ForeignKeyConstraint(["box_id"], ["opinion_box.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["opening_id"], ["box_opening.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["grid_code"], ["grid.code"], ondelete="RESTRICT"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("ix_opinion_amber_at", "opinion", ["amber_at"], unique=False)
    op.create_index("ix_opinion_box_id", "opinion", ["box_id"], unique=False)
    op.create_index("ix_opinion_closed", "opinion", ["closed_at", "id"], unique=False)
    op.create_index("ix_opinion_due_at", "opinion", ["due_at"], unique=False)
    op.create_index("ix_opinion_grid_code", "opinion", ["grid_code"], unique=False)
    op.create_index("ix_opinion_level_code", "opinion", ["level_code"], unique=False)
    op.create_index("ix_opinion_opening_id", "opinion", ["opening_id"], unique=False)
    op.create_index("ix_opinion_handler", "opinion", ["handler"], unique=False)
    op.create_index("ix_opinion_reported_at", "opinion", ["reported_at"], unique=False)
    op.create_index("ix_opinion_unit", "opinion", ["unit"], unique=False)
    op.create_index("ix_opinion_state", "opinion", ["state", "grid_code", "id"], unique=False)
    op.create_table(
        "complaint",
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("form", sa.String(length=8), nullable=True),
        sa.Column("turn", sa.String(length=8), nullable=False),
        sa.Column("earlier_number", sa.String(length=40), nullable=True),
        sa.Column("conduct", sa.String(length=8), nullable=False),
        sa.Column("is_anonymous", sa.Boolean(), nullable=False),
        sa.Column("petitioner", sa.String(length=60), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("address", sa.String(length=120), nullable=True),
        sa.Column("people_count", sa.Integer(), nullable=False),
        sa.Column("is_collective", sa.Boolean(), nullable=False),
        sa.Column("target_kind", sa.String(length=8), nullable=True),
        sa.Column("target", sa.String(length=120), nullable=True),
        sa.Column("target_person", sa.String(length=60), nullable=True),
        sa.Column("place", sa.String(length=120), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("expectation", sa.Text(), nullable=True),
        sa.Column("stage", sa.String(length=8), nullable=False),
        sa.Column("tier", sa.String(length=12), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=True),
        sa.Column("told_way", sa.String(length=8), nullable=True),
        sa.Column("told_in_time", sa.Boolean(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(), nullable=True),
        sa.Column("level_since", sa.DateTime(), nullable=True),
        sa.Column("extension_days", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("answer_number", sa.String(length=40), nullable=True),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column("served_on", sa.Date(), nullable=True),
        sa.Column("served_way", sa.String(length=8), nullable=True),
        sa.Column("review_count", sa.Integer(), nullable=False),
        *_case(),
        sa.Column("grid_code", CODE, nullable=False),
        *_record(),
        sa.ForeignKeyConstraint(["grid_code"], ["grid.code"], ondelete="RESTRICT"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("ix_complaint_amber_at", "complaint", ["amber_at"], unique=False)
    op.create_index("ix_complaint_category", "complaint", ["category", "id"], unique=False)
    op.create_index("ix_complaint_due_at", "complaint", ["due_at"], unique=False)
    op.create_index("ix_complaint_grid_code", "complaint", ["grid_code"], unique=False)
    op.create_index("ix_complaint_level_code", "complaint", ["level_code"], unique=False)
    op.create_index("ix_complaint_handler", "complaint", ["handler"], unique=False)
    op.create_index("ix_complaint_reported_at", "complaint", ["reported_at"], unique=False)
    op.create_index("ix_complaint_unit", "complaint", ["unit"], unique=False)
    op.create_index("ix_complaint_state", "complaint", ["state", "grid_code", "id"], unique=False)
    op.create_table(
        "complaint_reply",
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=8), nullable=False),
        sa.Column("tier", sa.String(length=12), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(), nullable=False),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("served_way", sa.String(length=8), nullable=False),
        sa.Column("grid_code", CODE, nullable=False),
        *_record(),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["grid_code"], ["grid.code"], ondelete="RESTRICT"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("ix_complaint_reply_complaint_id", "complaint_reply", ["complaint_id"], unique=False)
    op.create_index("ix_complaint_reply_grid_code", "complaint_reply", ["grid_code"], unique=False)
    for table in RECORDS:
        for statement in statements(table, op.get_bind().dialect.name):
            op.execute(statement)


def downgrade() -> None:
    for table in RECORDS:
        for statement in removals(table, op.get_bind().dialect.name):
            op.execute(statement)
    for table in reversed(RECORDS):
        op.drop_table(table)
