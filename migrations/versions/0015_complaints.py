"""Complaints with their written answers; opinion boxes, their openings, and opinions."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import (
    LIVE,
    by_code_point,
    case_columns,
    close_search,
    index_case,
    open_search,
    record_columns,
    scoped,
)

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

RECORDS = ("opinion_box", "box_opening", "opinion", "complaint", "complaint_reply")


def upgrade() -> None:
    op.create_table(
        "opinion_box",
        sa.Column("number", by_code_point(20), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("cycle", sa.String(length=12), nullable=False),
        sa.Column("keeper", sa.String(length=60), nullable=True),
        sa.Column("set_up_on", sa.Date(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        *scoped(),
        *record_columns(),
    )
    op.create_index("ix_opinion_box_grid_code", "opinion_box", ["grid_code"])
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
        *scoped(),
        *record_columns(),
        sa.ForeignKeyConstraint(["box_id"], ["opinion_box.id"], ondelete="RESTRICT"),
    )
    op.create_index("ix_box_opening_box_id", "box_opening", ["box_id"])
    op.create_index("ix_box_opening_day", "box_opening", ["opened_on", "id"])
    op.create_index("ix_box_opening_grid_code", "box_opening", ["grid_code"])
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
        *scoped(),
        *case_columns(),
        *record_columns(),
        sa.UniqueConstraint("number"),
        sa.ForeignKeyConstraint(["box_id"], ["opinion_box.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["opening_id"], ["box_opening.id"], ondelete="RESTRICT"),
    )
    index_case("opinion")
    op.create_index("ix_opinion_box_id", "opinion", ["box_id"])
    op.create_index("ix_opinion_closed", "opinion", ["closed_at", "id"])
    op.create_index("ix_opinion_opening_id", "opinion", ["opening_id"])
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
        *scoped(),
        *case_columns(),
        *record_columns(),
        sa.UniqueConstraint("number"),
    )
    index_case("complaint")
    op.create_index("ix_complaint_category", "complaint", ["category", "id"])
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
        *scoped(),
        *record_columns(),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], ondelete="RESTRICT"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("ix_complaint_reply_complaint_id", "complaint_reply", ["complaint_id"])
    op.create_index("ix_complaint_reply_grid_code", "complaint_reply", ["grid_code"])
    open_search(RECORDS)


def downgrade() -> None:
    close_search(RECORDS)
    op.drop_table("complaint_reply")
    op.drop_table("complaint")
    op.drop_table("opinion")
    op.drop_table("box_opening")
    op.drop_table("opinion_box")
