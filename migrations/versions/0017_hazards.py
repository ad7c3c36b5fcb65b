"""Hazards and security informants, security areas and their rectification, city problems by class."""

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

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

RECORDS = ("city_standard", "city_problem", "hazard", "security_area", "rectification", "security_informant", "security_tip")


def upgrade() -> None:
    op.create_table(
        "city_standard",
        sa.Column("class_code", sa.String(length=8), nullable=False),
        sa.Column("filing_condition", sa.String(length=200), nullable=False),
        sa.Column("closing_condition", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        *record_columns(),
    )
    op.create_index("uq_city_standard_class_code", "city_standard", ["class_code"], unique=True, **LIVE)
    op.create_table(
        "city_problem",
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("class_code", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=1), nullable=False),
        sa.Column("big_class", sa.String(length=3), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("found_at", sa.DateTime(), nullable=True),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("longitude", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("latitude", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("component_code", sa.String(length=16), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("reporter", sa.String(length=60), nullable=True),
        sa.Column("reporter_phone", sa.String(length=20), nullable=True),
        sa.Column("repeat_of", sa.String(length=24), nullable=True),
        sa.Column("verification", sa.String(length=8), nullable=True),
        sa.Column("check_result", sa.String(length=8), nullable=True),
        sa.Column("filing_condition", sa.String(length=200), nullable=True),
        sa.Column("closing_condition", sa.String(length=200), nullable=True),
        sa.Column("proper_unit", sa.String(length=20), nullable=True),
        *scoped(),
        *case_columns(),
        *record_columns(),
        sa.UniqueConstraint("number"),
    )
    index_case("city_problem")
    op.create_index("ix_city_problem_class", "city_problem", ["class_code", "id"])
    op.create_index("ix_city_problem_component_code", "city_problem", ["component_code"])
    op.create_index("ix_city_problem_repeat", "city_problem", ["class_code", "grid_code", "reported_at"])
    op.create_table(
        "hazard",
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("class_code", sa.String(length=8), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("found_at", sa.DateTime(), nullable=True),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("longitude", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("latitude", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("reporter_trade", sa.String(length=12), nullable=True),
        sa.Column("reporter", sa.String(length=60), nullable=True),
        sa.Column("reporter_phone", sa.String(length=20), nullable=True),
        sa.Column("owner", sa.String(length=80), nullable=True),
        sa.Column("owner_person", sa.String(length=60), nullable=True),
        sa.Column("owner_phone", sa.String(length=20), nullable=True),
        sa.Column("measure", sa.Text(), nullable=True),
        sa.Column("fix_by", sa.Date(), nullable=True),
        sa.Column("rechecked_by", sa.String(length=60), nullable=True),
        sa.Column("rechecked_on", sa.Date(), nullable=True),
        *scoped(),
        *case_columns(),
        *record_columns(),
        sa.UniqueConstraint("number"),
    )
    index_case("hazard")
    op.create_index("ix_hazard_class", "hazard", ["class_code", "id"])
    op.create_index("ix_hazard_fix_by", "hazard", ["fix_by"])
    op.create_table(
        "security_area",
        sa.Column("name", by_code_point(80), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("extent", sa.String(length=200), nullable=False),
        sa.Column("issues", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("level", sa.String(length=12), nullable=True),
        sa.Column("listed_on", sa.Date(), nullable=True),
        sa.Column("delisted_on", sa.Date(), nullable=True),
        sa.Column("leader", sa.String(length=60), nullable=True),
        sa.Column("officer", sa.String(length=60), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        *scoped(),
        *record_columns(),
    )
    op.create_index("ix_security_area_grid_code", "security_area", ["grid_code"])
    op.create_index("ix_security_area_name", "security_area", ["name"])
    op.create_index("uq_security_area_grid_code_name", "security_area", ["grid_code", "name"], unique=True, **LIVE)
    op.create_table(
        "rectification",
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("area_kind", sa.String(length=12), nullable=False),
        sa.Column("extent", sa.String(length=200), nullable=False),
        sa.Column("issues", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("partner_units", sa.Text(), nullable=True),
        sa.Column("plan", sa.Text(), nullable=True),
        sa.Column("fix_by", sa.Date(), nullable=True),
        sa.Column("solved_count", sa.Integer(), nullable=True),
        sa.Column("handled_count", sa.Integer(), nullable=True),
        sa.Column("effect", sa.String(length=8), nullable=True),
        sa.Column("evaluation", sa.Text(), nullable=True),
        *scoped(),
        *case_columns(),
        *record_columns(),
        sa.UniqueConstraint("number"),
        sa.ForeignKeyConstraint(["area_id"], ["security_area.id"], ondelete="RESTRICT"),
    )
    index_case("rectification")
    op.create_index("ix_rectification_area_id", "rectification", ["area_id"])
    op.create_table(
        "security_informant",
        sa.Column("number", by_code_point(20), nullable=False),
        sa.Column("trade", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("workplace", sa.String(length=120), nullable=True),
        sa.Column("liaison", sa.String(length=60), nullable=True),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        *scoped(),
        *record_columns(),
    )
    op.create_index("ix_security_informant_grid_code", "security_informant", ["grid_code"])
    op.create_index("ix_security_informant_number", "security_informant", ["number"])
    op.create_index("ix_security_informant_phone", "security_informant", ["phone"])
    op.create_index("uq_security_informant_grid_code_number", "security_informant", ["grid_code", "number"], unique=True, **LIVE)
    op.create_table(
        "security_tip",
        sa.Column("informant_id", sa.Integer(), nullable=False),
        sa.Column("trade", sa.String(length=12), nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("class_code", sa.String(length=8), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=True),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("verified_by", sa.String(length=60), nullable=True),
        sa.Column("hazard_id", sa.Integer(), nullable=True),
        *scoped(),
        *record_columns(),
        sa.ForeignKeyConstraint(["informant_id"], ["security_informant.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazard.id"], ondelete="RESTRICT"),
    )
    op.create_index("ix_security_tip_grid_code", "security_tip", ["grid_code"])
    op.create_index("ix_security_tip_hazard_id", "security_tip", ["hazard_id"])
    op.create_index("ix_security_tip_informant_id", "security_tip", ["informant_id"])
    op.create_index("ix_security_tip_trade", "security_tip", ["trade", "id"])
    open_search(RECORDS)


def downgrade() -> None:
    close_search(RECORDS)
    op.drop_table("security_tip")
    op.drop_table("security_informant")
    op.drop_table("rectification")
    op.drop_table("security_area")
    op.drop_table("hazard")
    op.drop_table("city_problem")
    op.drop_table("city_standard")
