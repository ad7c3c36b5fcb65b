"""Columns that many tables share, as migrations 0014 to 0019 make them.

Frozen: a later change of these columns is a migration of its own, never an edit here.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op

from app.core.asking.search import removals, statements

LIVE = {"sqlite_where": sa.text("deleted_at IS NULL"), "postgresql_where": sa.text("deleted_at IS NULL")}


def by_code_point(length: int) -> sa.String:
    """A text that is sorted and found by its beginning."""
    return sa.String(length=length).with_variant(sa.String(length=length, collation="C"), "postgresql")


CODE, NUMBER = by_code_point(15), by_code_point(24)


def record_columns() -> list[sa.Column]:
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


def case_columns() -> list[sa.Column]:
    """The columns every case has, beside its place and those of a record."""
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


def scoped() -> list[sa.Column | sa.ForeignKeyConstraint]:
    """The place of a record in the grid."""
    return [sa.Column("grid_code", CODE, nullable=False),
            sa.ForeignKeyConstraint(["grid_code"], ["grid.code"], ondelete="RESTRICT")]


def index_case(table: str) -> None:
    """The indexes of the columns every case has."""
    for column in ("amber_at", "due_at", "grid_code", "handler", "level_code", "reported_at", "unit"):
        op.create_index(f"ix_{table}_{column}", table, [column])
    op.create_index(f"ix_{table}_state", table, ["state", "grid_code", "id"])


def open_search(tables: Iterable[str]) -> None:
    """Makes what the search box of a table needs."""
    for table in tables:
        for statement in statements(table, op.get_bind().dialect.name):
            op.execute(statement)


def close_search(tables: Iterable[str]) -> None:
    """Removes what the search box of a table needed."""
    for table in tables:
        for statement in removals(table, op.get_bind().dialect.name):
            op.execute(statement)
