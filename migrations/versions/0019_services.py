"""Utilities and what is said of them, the catalogue of services and requests, needs, and what grew out of what."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import (
    LIVE,
    NUMBER,
    by_code_point,
    case_columns,
    close_search,
    index_case,
    open_search,
    record_columns,
    scoped,
)

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

RECORDS = ("utility_unit", "utility_feedback", "service_item", "service_request", "need")


def upgrade() -> None:
    op.create_table(
        "utility_unit",
        sa.Column("name", by_code_point(80), nullable=False),
        sa.Column("service", sa.String(length=12), nullable=False),
        sa.Column("liaison", sa.String(length=60), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("hotline", sa.String(length=20), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        *record_columns(),
    )
    op.create_index("uq_utility_unit_name", "utility_unit", ["name"], unique=True, **LIVE)
    op.create_table(
        "utility_feedback",
        sa.Column("utility_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("problem", sa.String(length=12), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("reporter", sa.String(length=60), nullable=True),
        sa.Column("reporter_phone", sa.String(length=20), nullable=True),
        sa.Column("forwarded_on", sa.Date(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        *scoped(),
        *case_columns(),
        *record_columns(),
        sa.UniqueConstraint("number"),
        sa.ForeignKeyConstraint(["utility_id"], ["utility_unit.id"], ondelete="RESTRICT"),
    )
    index_case("utility_feedback")
    op.create_index("ix_utility_feedback_utility_id", "utility_feedback", ["utility_id"])
    op.create_table(
        "service_item",
        sa.Column("code", by_code_point(20), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("domain", sa.String(length=16), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=True),
        sa.Column("promised_days", sa.Integer(), nullable=True),
        sa.Column("by_proxy", sa.Boolean(), nullable=False),
        sa.Column("papers", sa.Text(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=True),
        sa.Column("in_use", sa.Boolean(), nullable=False),
        *record_columns(),
    )
    op.create_index("ix_service_item_name", "service_item", ["name"])
    op.create_index("uq_service_item_code", "service_item", ["code"], unique=True, **LIVE)
    op.create_table(
        "service_request",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=True),
        sa.Column("applicant", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("way", sa.String(length=12), nullable=False),
        sa.Column("proxy", sa.String(length=60), nullable=True),
        sa.Column("wish", sa.Text(), nullable=True),
        sa.Column("papers_received", sa.Text(), nullable=True),
        sa.Column("papers_missing", sa.Text(), nullable=True),
        sa.Column("papers_complete", sa.Boolean(), nullable=True),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("delivered_way", sa.String(length=12), nullable=True),
        *scoped(),
        *case_columns(),
        *record_columns(),
        sa.UniqueConstraint("number"),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["item_id"], ["service_item.id"], ondelete="RESTRICT"),
    )
    index_case("service_request")
    op.create_index("ix_service_request_item_id", "service_request", ["item_id"])
    op.create_index("ix_service_request_resident_id", "service_request", ["resident_id"])
    op.create_table(
        "need",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("topic", sa.String(length=80), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("said_on", sa.Date(), nullable=False),
        sa.Column("way", sa.String(length=12), nullable=False),
        sa.Column("proactive", sa.Boolean(), nullable=False),
        sa.Column("heard_by", sa.String(length=60), nullable=True),
        sa.Column("resident_id", sa.Integer(), nullable=True),
        sa.Column("person", sa.String(length=60), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("address", sa.String(length=160), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("next_visit_on", sa.Date(), nullable=True),
        *scoped(),
        *record_columns(),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], ondelete="RESTRICT"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("ix_need_answered", "need", ["answered_on", "grid_code", "id"])
    op.create_index("ix_need_grid_code", "need", ["grid_code"])
    op.create_index("ix_need_resident_id", "need", ["resident_id"])
    op.create_index("ix_need_said_on", "need", ["said_on", "id"])
    op.create_table(
        "case_link",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("source_number", sa.String(length=24), nullable=False),
        sa.Column("target_number", sa.String(length=24), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
    )
    op.create_index("ix_case_link_source", "case_link", ["source_number"])
    op.create_index("ix_case_link_target", "case_link", ["target_number"])
    open_search(RECORDS)


def downgrade() -> None:
    close_search(RECORDS)
    op.drop_table("case_link")
    op.drop_table("need")
    op.drop_table("service_request")
    op.drop_table("service_item")
    op.drop_table("utility_feedback")
    op.drop_table("utility_unit")
