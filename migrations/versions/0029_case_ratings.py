"""Each rating is kept with its round, also those of cases that were opened again: the history still knows them."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0029_case_ratings"
down_revision = "0028_matter_corrected"
branch_labels = None
depends_on = None

CASES = ("event", "opinion", "complaint", "city_problem", "risk_assessment", "dispute", "service_request", "rectification",
         "utility_feedback", "incident", "hazard")
AGAIN = ("reopen", "ask_review", "ask_recheck")  # the steps that begin another round
LINES = sa.table("case_step", *map(sa.column, ("id", "record", "record_id", "step", "note", "by")), sa.column("at", sa.DateTime()))
HISTORY = sa.table("history", *map(sa.column, ("id", "record", "record_id", "by")), sa.column("at", sa.DateTime()),
                   sa.column("changes", sa.JSON()))


def upgrade() -> None:
    table = op.create_table(
        "case_rating",
        sa.Column("id", sa.Integer(), primary_key=True), sa.Column("record", sa.String(40), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False), sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(20), nullable=False), sa.Column("answer", sa.String(20), nullable=False),
        sa.Column("words", sa.Text(), nullable=False), sa.Column("by", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False))
    op.create_index("ix_case_rating_case", "case_rating", ["record", "record_id", "question"])
    kept = [row for record in CASES for row in _ratings(op.get_bind(), record)]
    if kept:
        op.bulk_insert(table, kept)


def _ratings(connection: sa.Connection, record: str) -> list[dict]:
    """Every rating a type of case was given: those its history tells, and those only the case itself still holds."""
    case = sa.table(record, *map(sa.column, ("id", "satisfaction", "changed_by")), sa.column("changed_at", sa.DateTime()))
    told = connection.execute(sa.select(HISTORY.c.record_id, HISTORY.c.at, HISTORY.c.by, HISTORY.c.changes).where(
        HISTORY.c.record == record, sa.cast(HISTORY.c.changes, sa.Text).like('%"satisfaction"%')).order_by(HISTORY.c.id)).all()
    found = [(row.record_id, row.at, row.by, changes["satisfaction"][1]) for row in told
             if (changes := row.changes if isinstance(row.changes, dict) else json.loads(row.changes)).get("satisfaction", [None, None])[1]]
    last = {number: answer for number, _at, _by, answer in found}
    held = connection.execute(sa.select(case).where(case.c.satisfaction.is_not(None))).all()
    found += [(row.id, row.changed_at, row.changed_by, row.satisfaction) for row in held if last.get(row.id) != row.satisfaction]
    by_case: dict[int, list] = {}
    for one in found:
        by_case.setdefault(one[0], []).append(one[1:])
    return [row for number, given in by_case.items() for row in _rows(connection, record, number, given)]


def _rows(connection: sa.Connection, record: str, number: int, given: list) -> list[dict]:
    """The ratings of one case, each with the round and the words of its line: the first belongs to the first line, and so on."""
    lines = connection.execute(sa.select(LINES.c.id, LINES.c.step, LINES.c.note).where(
        LINES.c.record == record, LINES.c.record_id == number).order_by(LINES.c.id)).all()
    rating = [line for line in lines if line.step in ("evaluate", "revisit")][-len(given):]
    found = []
    for place, (at, by, answer) in enumerate(given):
        line = rating[place] if place < len(rating) else None
        rounds = 1 + sum(other.step in AGAIN and (line is None or other.id < line.id) for other in lines)
        found.append({"record": record, "record_id": number, "round": rounds, "question": "satisfaction", "answer": answer,
                      "words": line.note if line else "", "by": by, "at": at})
    return found


def downgrade() -> None:
    op.drop_table("case_rating")
