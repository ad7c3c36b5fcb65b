"""Kills at seeded random moments leave the register whole; `run.py faults` does the same for as long as one likes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import FIRST, STREET
from tests.faults.rounds import SMALL, Rounds


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only POSIX forks")
def test_whoever_is_killed_leaves_it_whole(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, value in SMALL:
        monkeypatch.setattr(module, name, value)
    rounds = Rounds(app, tmp_path, FIRST, STREET, seed=14)
    for _round in range(3):
        for name in rounds.tallies:
            rounds.run(name)
    assert not [fault for tally in rounds.tallies.values() for fault in tally.faults], rounds.table()
    assert all(tally.rounds == 3 for tally in rounds.tallies.values())
    assert sum(tally.killed for tally in rounds.tallies.values()) >= 4, rounds.table()
