"""Disputes with their parties, mediations, revisits, leaders in charge, petitions carried, sweeps and dossiers."""

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

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

RECORDS = ("dossier_item", "dispute_sweep", "dispute", "case_lead", "dispute_revisit", "dossier_paper", "mediation", "petition_agency", "dispute_party")


def upgrade() -> None:
    op.create_table(
        "dossier_item",
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("english", sa.String(length=80), nullable=False),
        sa.Column("need", sa.String(length=10), nullable=False),
        sa.Column("evidence", sa.String(length=12), nullable=True),
        sa.Column("words", sa.String(length=120), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        *record_columns(),
    )
    op.create_index("uq_dossier_item_name", "dossier_item", ["name"], unique=True, **LIVE)
    op.create_table(
        "dispute_sweep",
        sa.Column("swept_on", sa.Date(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("found_count", sa.Integer(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=True),
        sa.Column("settled", sa.Boolean(), nullable=False),
        *scoped(),
        *record_columns(),
    )
    op.create_index("ix_dispute_sweep_grid_code", "dispute_sweep", ["grid_code"])
    op.create_index("ix_dispute_sweep_swept_on", "dispute_sweep", ["swept_on"])
    op.create_index("uq_dispute_sweep_grid_code_swept_on", "dispute_sweep", ["grid_code", "swept_on"], unique=True, **LIVE)
    op.create_table(
        "dispute",
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("class_code", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("sweep_id", sa.Integer(), nullable=True),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("people_count", sa.Integer(), nullable=True),
        sa.Column("scale", sa.String(length=8), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("units", sa.String(length=200), nullable=True),
        sa.Column("brief", sa.Text(), nullable=False),
        sa.Column("demand", sa.Text(), nullable=True),
        sa.Column("way", sa.String(length=12), nullable=True),
        sa.Column("mediators", sa.String(length=80), nullable=True),
        sa.Column("mediation_count", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("handed_to", sa.String(length=80), nullable=True),
        sa.Column("agreed_on", sa.Date(), nullable=True),
        sa.Column("agreement_number", sa.String(length=40), nullable=True),
        sa.Column("agreement", sa.Text(), nullable=True),
        sa.Column("fulfil_by", sa.Date(), nullable=True),
        sa.Column("fulfilment", sa.String(length=12), nullable=True),
        sa.Column("confirmation_applied_on", sa.Date(), nullable=True),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("court", sa.String(length=60), nullable=True),
        sa.Column("confirmation_number", sa.String(length=40), nullable=True),
        sa.Column("revisited_on", sa.Date(), nullable=True),
        sa.Column("hidden_danger", sa.Boolean(), nullable=False),
        sa.Column("dossier_number", sa.String(length=40), nullable=True),
        sa.Column("archived_on", sa.Date(), nullable=True),
        *scoped(),
        *case_columns(),
        *record_columns(),
        sa.UniqueConstraint("number"),
        sa.ForeignKeyConstraint(["sweep_id"], ["dispute_sweep.id"], ondelete="RESTRICT"),
    )
    index_case("dispute")
    op.create_index("ix_dispute_class", "dispute", ["class_code", "id"])
    op.create_index("ix_dispute_sweep_id", "dispute", ["sweep_id"])
    op.create_index("uq_dispute_dossier_number", "dispute", ["dossier_number"], unique=True, **LIVE)
    op.create_table(
        "case_lead",
        sa.Column("dispute_id", sa.Integer(), nullable=False),
        sa.Column("leader", by_code_point(60), nullable=False),
        sa.Column("post", sa.String(length=80), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("target_on", sa.Date(), nullable=True),
        sa.Column("measure", sa.Text(), nullable=True),
        sa.Column("progress", sa.Text(), nullable=True),
        *scoped(),
        *record_columns(),
        sa.ForeignKeyConstraint(["dispute_id"], ["dispute.id"], ondelete="RESTRICT"),
    )
    op.create_index("ix_case_lead_dispute_id", "case_lead", ["dispute_id"])
    op.create_index("ix_case_lead_grid_code", "case_lead", ["grid_code"])
    op.create_index("ix_case_lead_leader", "case_lead", ["leader"])
    op.create_index("uq_case_lead_current", "case_lead", ["dispute_id"], unique=True, sqlite_where=sa.text("deleted_at IS NULL AND until_on IS NULL"), postgresql_where=sa.text("deleted_at IS NULL AND until_on IS NULL"))
    op.create_table(
        "dispute_revisit",
        sa.Column("dispute_id", sa.Integer(), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("fulfilment", sa.String(length=12), nullable=True),
        sa.Column("satisfaction", sa.String(length=12), nullable=False),
        sa.Column("hidden_danger", sa.Boolean(), nullable=False),
        sa.Column("story", sa.Text(), nullable=True),
        *scoped(),
        *record_columns(),
        sa.ForeignKeyConstraint(["dispute_id"], ["dispute.id"], ondelete="RESTRICT"),
    )
    op.create_index("ix_dispute_revisit_dispute_id", "dispute_revisit", ["dispute_id"])
    op.create_index("ix_dispute_revisit_grid_code", "dispute_revisit", ["grid_code"])
    op.create_index("ix_dispute_revisit_visited_on", "dispute_revisit", ["visited_on"])
    op.create_table(
        "dossier_paper",
        sa.Column("dispute_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("remark", sa.String(length=120), nullable=True),
        *scoped(),
        *record_columns(),
        sa.ForeignKeyConstraint(["item_id"], ["dossier_item.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["dispute_id"], ["dispute.id"], ondelete="RESTRICT"),
    )
    op.create_index("ix_dossier_paper_dispute_id", "dossier_paper", ["dispute_id"])
    op.create_index("ix_dossier_paper_grid_code", "dossier_paper", ["grid_code"])
    op.create_index("ix_dossier_paper_item_id", "dossier_paper", ["item_id"])
    op.create_index("uq_dossier_paper_dispute_id_item_id", "dossier_paper", ["dispute_id", "item_id"], unique=True, **LIVE)
    op.create_table(
        "mediation",
        sa.Column("dispute_id", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=True),
        sa.Column("way", sa.String(length=12), nullable=False),
        sa.Column("mediators", sa.String(length=80), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("result", sa.String(length=16), nullable=False),
        *scoped(),
        *record_columns(),
        sa.ForeignKeyConstraint(["dispute_id"], ["dispute.id"], ondelete="RESTRICT"),
    )
    op.create_index("ix_mediation_dispute_id", "mediation", ["dispute_id"])
    op.create_index("ix_mediation_grid_code", "mediation", ["grid_code"])
    op.create_index("ix_mediation_held_on", "mediation", ["held_on"])
    op.create_table(
        "petition_agency",
        sa.Column("matter", sa.String(length=120), nullable=False),
        sa.Column("entrusted_by", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("agent", sa.String(length=60), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("dispute_id", sa.Integer(), nullable=True),
        sa.Column("progress", sa.Text(), nullable=True),
        sa.Column("result", sa.String(length=12), nullable=False),
        sa.Column("finished_on", sa.Date(), nullable=True),
        *scoped(),
        *record_columns(),
        sa.ForeignKeyConstraint(["dispute_id"], ["dispute.id"], ondelete="RESTRICT"),
    )
    op.create_index("ix_petition_agency_dispute_id", "petition_agency", ["dispute_id"])
    op.create_index("ix_petition_agency_grid_code", "petition_agency", ["grid_code"])
    op.create_index("ix_petition_agency_phone", "petition_agency", ["phone"])
    op.create_index("ix_petition_agency_result", "petition_agency", ["result", "grid_code", "id"])
    op.create_index("ix_petition_agency_since_on", "petition_agency", ["since_on"])
    op.create_table(
        "dispute_party",
        sa.Column("dispute_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("sex", sa.String(length=1), nullable=True),
        sa.Column("nation", sa.String(length=2), nullable=True),
        sa.Column("age", sa.Integer(), nullable=True),
        sa.Column("id_number", sa.Text(), nullable=True),
        sa.Column("job", sa.String(length=60), nullable=True),
        sa.Column("employer", sa.String(length=120), nullable=True),
        sa.Column("address", sa.String(length=160), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("id_number_digest", sa.String(length=32), nullable=True),
        *scoped(),
        *record_columns(),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["dispute_id"], ["dispute.id"], ondelete="RESTRICT"),
    )
    op.create_index("ix_dispute_party_dispute_id", "dispute_party", ["dispute_id"])
    op.create_index("ix_dispute_party_grid_code", "dispute_party", ["grid_code"])
    op.create_index("ix_dispute_party_id_number_digest", "dispute_party", ["id_number_digest"])
    op.create_index("ix_dispute_party_phone", "dispute_party", ["phone"])
    op.create_index("ix_dispute_party_resident_id", "dispute_party", ["resident_id"])
    open_search(RECORDS)


def downgrade() -> None:
    close_search(RECORDS)
    op.drop_table("dispute_party")
    op.drop_table("petition_agency")
    op.drop_table("mediation")
    op.drop_table("dossier_paper")
    op.drop_table("dispute_revisit")
    op.drop_table("case_lead")
    op.drop_table("dispute")
    op.drop_table("dispute_sweep")
    op.drop_table("dossier_item")
