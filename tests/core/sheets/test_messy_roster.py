"""A messy roster is read as it is: hardly a clean row is complained of, and no row vanishes."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from app.core.base.scope import acting_as
from app.core.sheets.writing.importing import import_file
from app.subsystems.people.residents import Resident
from tests.conftest import WANGWAN
from tests.core.sheets.messy import roster

BAR = 0.02


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_of_the_clean_rows_hardly_one_is_complained_of_and_every_wrong_one_is(app: Flask, tmp_path: Path, seed: int) -> None:
    made = roster(tmp_path / "花名册.xlsx", seed)
    with acting_as("wangwan", WANGWAN):
        outcome = import_file(Resident, made.path, dry_run=True)
    refused = {message.row for message in outcome.messages if message.level == "error"}
    assert outcome.rows == len(made.clean) + len(made.wrong)
    complained = [row for row in made.clean if row in refused]
    assert len(complained) <= BAR * len(made.clean), [m for m in outcome.messages if m.row in complained][:5]
    assert set(made.wrong) <= refused
    notes = [message.code for message in outcome.messages if message.level == "note" and message.code.endswith(("_row", "_rows", "_again"))]
    assert len(notes) == len(set(notes))
