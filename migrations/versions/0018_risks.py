"""Stability risk assessments; emergency plans and incidents."""

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

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

RECORDS = ("risk_assessment", "risk_follow_up", "risk_point", "risk_survey", "emergency_plan", "plan_group", "plan_step", "incident", "incident_task")


def upgrade() -> None:
    op.create_table(
        "risk_assessment",
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("matter_field", sa.String(length=12), nullable=False),
        sa.Column("subject_unit", sa.String(length=80), nullable=False),
        sa.Column("assessing_unit", sa.String(length=80), nullable=False),
        sa.Column("lead", sa.String(length=60), nullable=True),
        sa.Column("contact", sa.String(length=60), nullable=True),
        sa.Column("contact_phone", sa.String(length=20), nullable=True),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("end_on", sa.Date(), nullable=True),
        sa.Column("methods", sa.Text(), nullable=True),
        sa.Column("region", sa.String(length=200), nullable=True),
        sa.Column("household_count", sa.Integer(), nullable=True),
        sa.Column("people_count", sa.Integer(), nullable=True),
        sa.Column("plan", sa.Text(), nullable=True),
        sa.Column("mass_event_likely", sa.Boolean(), nullable=False),
        sa.Column("legality", sa.Integer(), nullable=True),
        sa.Column("reasonableness", sa.Integer(), nullable=True),
        sa.Column("feasibility", sa.Integer(), nullable=True),
        sa.Column("controllability", sa.Integer(), nullable=True),
        sa.Column("support_rate", sa.Numeric(precision=4, scale=1), nullable=True),
        sa.Column("against_rate", sa.Numeric(precision=4, scale=1), nullable=True),
        sa.Column("unclear_rate", sa.Numeric(precision=4, scale=1), nullable=True),
        sa.Column("proposed_level", sa.String(length=8), nullable=True),
        sa.Column("level", sa.String(length=8), nullable=True),
        sa.Column("level_reason", sa.Text(), nullable=True),
        sa.Column("report", sa.Text(), nullable=True),
        sa.Column("emergency_plan", sa.Text(), nullable=True),
        sa.Column("decision", sa.String(length=12), nullable=True),
        sa.Column("conditions", sa.Text(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("filing_number", sa.String(length=40), nullable=True),
        sa.Column("local_filed_on", sa.Date(), nullable=True),
        sa.Column("upper_filed_on", sa.Date(), nullable=True),
        *scoped(),
        *case_columns(),
        *record_columns(),
        sa.UniqueConstraint("number"),
    )
    index_case("risk_assessment")
    op.create_index("ix_risk_assessment_start", "risk_assessment", ["start_on", "id"])
    op.create_table(
        "risk_follow_up",
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.Column("progress", sa.String(length=300), nullable=False),
        sa.Column("is_trouble", sa.Boolean(), nullable=False),
        sa.Column("measure", sa.String(length=300), nullable=True),
        sa.Column("person", sa.String(length=60), nullable=True),
        *scoped(),
        *record_columns(),
        sa.ForeignKeyConstraint(["assessment_id"], ["risk_assessment.id"], ondelete="RESTRICT"),
    )
    op.create_index("ix_risk_follow_up_assessment_id", "risk_follow_up", ["assessment_id"])
    op.create_index("ix_risk_follow_up_grid_code", "risk_follow_up", ["grid_code"])
    op.create_table(
        "risk_point",
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("likelihood", sa.Integer(), nullable=False),
        sa.Column("impact", sa.Integer(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=False),
        *scoped(),
        *record_columns(),
        sa.ForeignKeyConstraint(["assessment_id"], ["risk_assessment.id"], ondelete="RESTRICT"),
    )
    op.create_index("ix_risk_point_assessment_id", "risk_point", ["assessment_id"])
    op.create_index("ix_risk_point_grid_code", "risk_point", ["grid_code"])
    op.create_table(
        "risk_survey",
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(length=8), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=True),
        sa.Column("people_count", sa.Integer(), nullable=False),
        sa.Column("ballots_sent", sa.Integer(), nullable=True),
        sa.Column("ballots_returned", sa.Integer(), nullable=True),
        sa.Column("support_count", sa.Integer(), nullable=False),
        sa.Column("against_count", sa.Integer(), nullable=False),
        sa.Column("unclear_count", sa.Integer(), nullable=False),
        sa.Column("opinions", sa.Text(), nullable=True),
        sa.Column("recorder", sa.String(length=60), nullable=True),
        *scoped(),
        *record_columns(),
        sa.ForeignKeyConstraint(["assessment_id"], ["risk_assessment.id"], ondelete="RESTRICT"),
    )
    op.create_index("ix_risk_survey_assessment_id", "risk_survey", ["assessment_id"])
    op.create_index("ix_risk_survey_grid_code", "risk_survey", ["grid_code"])
    op.create_table(
        "emergency_plan",
        sa.Column("name", by_code_point(80), nullable=False),
        sa.Column("plan_version", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("tier", sa.String(length=10), nullable=False),
        sa.Column("grades", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("compiled_by", sa.String(length=80), nullable=True),
        sa.Column("compiled_on", sa.Date(), nullable=True),
        sa.Column("approved_by", sa.String(length=80), nullable=True),
        sa.Column("approved_on", sa.Date(), nullable=True),
        sa.Column("filed_with", sa.String(length=80), nullable=True),
        sa.Column("filed_on", sa.Date(), nullable=True),
        sa.Column("end_condition", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        *scoped(),
        *record_columns(),
    )
    op.create_index("ix_emergency_plan_grid_code", "emergency_plan", ["grid_code"])
    op.create_index("ix_emergency_plan_name", "emergency_plan", ["name"])
    op.create_index("ix_emergency_plan_valid_until", "emergency_plan", ["valid_until"])
    op.create_index("uq_emergency_plan_grid_code_name_plan_version", "emergency_plan", ["grid_code", "name", "plan_version"], unique=True, **LIVE)
    op.create_index("uq_emergency_plan_valid", "emergency_plan", ["grid_code", "name"], unique=True, sqlite_where=sa.text("state = 'valid' AND deleted_at IS NULL"), postgresql_where=sa.text("state = 'valid' AND deleted_at IS NULL"))
    op.create_table(
        "plan_group",
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("lead_unit", sa.String(length=80), nullable=False),
        sa.Column("units", sa.String(length=200), nullable=True),
        sa.Column("duty", sa.String(length=300), nullable=False),
        *scoped(),
        *record_columns(),
        sa.ForeignKeyConstraint(["plan_id"], ["emergency_plan.id"], ondelete="RESTRICT"),
    )
    op.create_index("ix_plan_group_grid_code", "plan_group", ["grid_code"])
    op.create_index("ix_plan_group_plan_id", "plan_group", ["plan_id"])
    op.create_table(
        "plan_step",
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=200), nullable=False),
        sa.Column("post", sa.String(length=60), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        *scoped(),
        *record_columns(),
        sa.ForeignKeyConstraint(["plan_id"], ["emergency_plan.id"], ondelete="RESTRICT"),
    )
    op.create_index("ix_plan_step_grid_code", "plan_step", ["grid_code"])
    op.create_index("ix_plan_step_plan_id", "plan_step", ["plan_id"])
    op.create_table(
        "incident",
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("grade", sa.String(length=2), nullable=True),
        sa.Column("happened_at", sa.DateTime(), nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("brief", sa.Text(), nullable=False),
        sa.Column("reporter", sa.String(length=60), nullable=True),
        sa.Column("reporter_phone", sa.String(length=20), nullable=True),
        sa.Column("dead_count", sa.Integer(), nullable=False),
        sa.Column("missing_count", sa.Integer(), nullable=False),
        sa.Column("injured_count", sa.Integer(), nullable=False),
        sa.Column("trapped_count", sa.Integer(), nullable=False),
        sa.Column("moved_count", sa.Integer(), nullable=False),
        sa.Column("loss", sa.String(length=300), nullable=True),
        sa.Column("notified_at", sa.DateTime(), nullable=True),
        sa.Column("notified_to", sa.String(length=80), nullable=True),
        sa.Column("notify_due_at", sa.DateTime(), nullable=True),
        sa.Column("plan_id", sa.Integer(), nullable=True),
        sa.Column("plan_name", sa.String(length=110), nullable=True),
        sa.Column("activated_at", sa.DateTime(), nullable=True),
        sa.Column("end_condition", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("open_task_reason", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("review", sa.Text(), nullable=True),
        sa.Column("lessons", sa.Text(), nullable=True),
        *scoped(),
        *case_columns(),
        *record_columns(),
        sa.UniqueConstraint("number"),
        sa.ForeignKeyConstraint(["plan_id"], ["emergency_plan.id"], ondelete="RESTRICT"),
    )
    index_case("incident")
    op.create_index("ix_incident_kind", "incident", ["kind", "id"])
    op.create_index("ix_incident_notify_due_at", "incident", ["notify_due_at"])
    op.create_index("ix_incident_plan_id", "incident", ["plan_id"])
    op.create_table(
        "incident_task",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=200), nullable=False),
        sa.Column("post", sa.String(length=60), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=True),
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.Column("done_by", sa.String(length=60), nullable=True),
        sa.Column("remark", sa.String(length=200), nullable=True),
        *scoped(),
        *record_columns(),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], ondelete="RESTRICT"),
    )
    op.create_index("ix_incident_task_grid_code", "incident_task", ["grid_code"])
    op.create_index("ix_incident_task_incident_id", "incident_task", ["incident_id"])
    op.create_index("ix_incident_task_open", "incident_task", ["done_at", "due_at"])
    open_search(RECORDS)


def downgrade() -> None:
    close_search(RECORDS)
    op.drop_table("incident_task")
    op.drop_table("incident")
    op.drop_table("plan_step")
    op.drop_table("plan_group")
    op.drop_table("emergency_plan")
    op.drop_table("risk_survey")
    op.drop_table("risk_point")
    op.drop_table("risk_follow_up")
    op.drop_table("risk_assessment")
