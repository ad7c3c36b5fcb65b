"""Hazards, informants and their tips, security areas and their rectification, city problems and their standards."""

import sqlalchemy as sa
from alembic import op

from app.core.search import removals, statements

revision = "0017"
down_revision = "0013"
branch_labels = None
depends_on = None

LIVE = {"sqlite_where": sa.text("deleted_at IS NULL"), "postgresql_where": sa.text("deleted_at IS NULL")}
RECORDS = ("city_standard", "city_problem", "hazard", "security_area", "rectification", "security_informant", "security_tip")
CASES = ("city_problem", "hazard", "rectification")


def _plain(length: int) -> sa.String:
    """A text that is sorted and found by its beginning."""
    return sa.String(length=length).with_variant(sa.String(length=length, collation="C"), "postgresql")


CODE = _plain(15)


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


def _placed() -> list[sa.schema.SchemaItem]:
    """The place of a record."""
    return [sa.Column("grid_code", CODE, nullable=False), sa.ForeignKeyConstraint(["grid_code"], ["grid.code"], ondelete="RESTRICT")]


def _case() -> list[sa.schema.SchemaItem]:
    """The columns every case has."""
    return [
        sa.Column("number", _plain(24), nullable=False),
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
        sa.UniqueConstraint("number"),
    ]


def upgrade() -> None:
    op.create_table(
        "city_standard",
        sa.Column("class_code", sa.String(length=8), nullable=False),
        sa.Column("filing_condition", sa.String(length=200), nullable=False),
        sa.Column("closing_condition", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        *_record(),
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
        *_placed(),
        *_case(),
        *_record(),
    )
    op.create_index("ix_city_problem_class", "city_problem", ["class_code", "id"])
    op.create_index("ix_city_problem_component_code", "city_problem", ["component_code"])
    op.create_index("ix_city_problem_repeat", "city_problem", ["class_code", "grid_code", "reported_at"])
    op.create_index("ix_city_problem_state", "city_problem", ["state", "grid_code", "id"])
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
        *_placed(),
        *_case(),
        *_record(),
    )
    op.create_index("ix_hazard_class", "hazard", ["class_code", "id"])
    op.create_index("ix_hazard_fix_by", "hazard", ["fix_by"])
    op.create_index("ix_hazard_state", "hazard", ["state", "grid_code", "id"])
    op.create_table(
        "security_area",
        sa.Column("name", _plain(80), nullable=False),
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
        *_placed(),
        *_record(),
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
        *_placed(),
        *_case(),
        *_record(),
        sa.ForeignKeyConstraint(["area_id"], ["security_area.id"], ondelete="RESTRICT"),
    )
    op.create_index("ix_rectification_area_id", "rectification", ["area_id"])
    op.create_index("ix_rectification_state", "rectification", ["state", "grid_code", "id"])
    op.create_table(
        "security_informant",
        sa.Column("number", _plain(20), nullable=False),
        sa.Column("trade", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("workplace", sa.String(length=120), nullable=True),
        sa.Column("liaison", sa.String(length=60), nullable=True),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        *_placed(),
        *_record(),
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
        *_placed(),
        *_record(),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazard.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["informant_id"], ["security_informant.id"], ondelete="RESTRICT"),
    )
    op.create_index("ix_security_tip_grid_code", "security_tip", ["grid_code"])
    op.create_index("ix_security_tip_hazard_id", "security_tip", ["hazard_id"])
    op.create_index("ix_security_tip_informant_id", "security_tip", ["informant_id"])
    op.create_index("ix_security_tip_trade", "security_tip", ["trade", "id"])
    for table in CASES:
        for column in ("amber_at", "due_at", "grid_code", "level_code"):
            op.create_index(f"ix_{table}_{column}", table, [column])
    for table in RECORDS:
        for statement in statements(table, op.get_bind().dialect.name):
            op.execute(statement)


def downgrade() -> None:
    for table in RECORDS:
        for statement in removals(table, op.get_bind().dialect.name):
            op.execute(statement)
    for table in reversed(RECORDS):
        op.drop_table(table)
