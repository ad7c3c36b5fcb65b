"""Rows the program ships with come once; what the office made of them stays."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.base.registry import records
from app.core.base.scope import acting_as, system
from app.core.cases.limits import CaseLimit
from app.core.cases.phrases import ReplyPhrase
from app.core.keeping import shipped
from app.core.telling.dictionaries import DictionaryEntry
from app.db import db
from tests.conftest import STREET


def counts() -> dict[str, int]:
    return {record.__tablename__: db.session.scalar(
        select(func.count(record.id)).execution_options(with_deleted=True)) or 0
        for record in records() if record.__shipped__}


def test_every_record_that_ships_rows_has_them_and_a_second_start_adds_none(app: Flask) -> None:
    with system("rows of the program"):
        before = counts()
        assert {"dictionary_entry", "case_limit", "reply_phrase", "city_standard", "dossier_item"} <= before.keys()
        assert all(before.values())
        shipped.load()
        assert counts() == before


def test_values_come_as_their_columns_hold_them(app: Flask) -> None:
    with system("rows of the program"):
        phrase = db.session.scalars(select(ReplyPhrase).where(ReplyPhrase.number == 1)).one()
        assert (phrase.step, phrase.phrase) == ("accept", "情况属实，予以受理。")
        limit = db.session.scalars(select(CaseLimit).where(
            CaseLimit.case_type == "event", CaseLimit.state == "reported", CaseLimit.urgency == "critical")).one()
        assert (limit.class_code, limit.amount, limit.unit) == ("", 1, "hour")
        assert db.session.scalars(select(DictionaryEntry.locked).where(
            DictionaryEntry.kind == "dictionary", DictionaryEntry.code == "case_state")).one() is True


@pytest.mark.parametrize("record", [ReplyPhrase, CaseLimit])
def test_what_the_office_deleted_does_not_come_back(app: Flask, record: Any) -> None:
    with system("rows of the program"):
        row = db.session.scalars(select(record).order_by(record.id).limit(1)).one()
        row.deleted_at = row.changed_at
        db.session.flush()
        before = counts()
        shipped.load()
        assert counts() == before


def test_what_is_missing_is_added_and_a_type_with_limits_of_the_office_gets_no_more(app: Flask) -> None:
    with system("rows of the program"):
        phrase = db.session.scalars(select(ReplyPhrase).order_by(ReplyPhrase.id).limit(1)).one()
        limit = db.session.scalars(select(CaseLimit).where(
            CaseLimit.case_type == "event", CaseLimit.state == "accepted", CaseLimit.urgency == "critical")).one()
        before = counts()
        phrase.number, limit.state = 9_999, "whole"
        db.session.flush()
        shipped.load()
        assert counts() == before | {"reply_phrase": before["reply_phrase"] + 1}


def test_an_installation_learns_the_words_of_a_newer_program_but_not_over_what_the_office_wrote(app: Flask) -> None:
    def entry(code: str) -> Any:
        return db.session.scalars(select(DictionaryEntry).where(
            DictionaryEntry.kind == "marital_status", DictionaryEntry.code == code)).one()

    with system("rows of the program"):
        first, second = entry("10"), entry("20")
        whole = first.aliases
        assert whole and second.aliases != "只要这一个"
        first.aliases = "本街道的说法"
        db.session.flush()
        with acting_as("admin", STREET):
            entry("20").aliases = "只要这一个"
            db.session.flush()
        shipped.load()
        assert set(entry("10").aliases.split("|")) == {"本街道的说法", *whole.split("|")}
        assert entry("20").aliases == "只要这一个"
