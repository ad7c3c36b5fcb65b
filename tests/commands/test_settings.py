"""What an installation is told, and the keys its first start makes."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import config
from app.core.base.crypto import Keyring
from config import Refusal, Settings


def first_start(folder: Path) -> tuple[str, str]:
    return Settings(folder).secret_key(), Keyring.load(folder / "keys" / "data.json").digest("one")


def test_several_first_starts_at_once_agree_on_whole_keys(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        for number in range(40):
            folders = [tmp_path / str(number)] * 8
            found = set(threads.map(first_start, folders))
            assert len(found) == 1 and all(len(key) == 64 for key, _digest in found)
            assert sorted(path.name for path in (folders[0] / "keys").iterdir()) == ["data.json", "secret.key"]


def test_a_start_that_dies_while_writing_leaves_no_half_key(tmp_path: Path, monkeypatch: Any) -> None:
    def die(handle: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", die)
    with pytest.raises(KeyboardInterrupt):
        Settings(tmp_path).secret_key()
    with pytest.raises(KeyboardInterrupt):
        Keyring.load(tmp_path / "keys" / "data.json")
    assert not list((tmp_path / "keys").iterdir())


def test_keys_are_their_owner_s_alone(tmp_path: Path) -> None:
    first_start(tmp_path)
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "keys").iterdir())
    assert set(json.loads((tmp_path / "keys" / "data.json").read_text())) == {"current", "v1", "index"}


@pytest.mark.parametrize("url", ["postgresql://me@here/office", "postgres://me@here/office",
                                 "postgresql+psycopg://me@here/office"])
def test_every_usual_way_to_write_a_server_s_address_is_understood(url: str) -> None:
    assert Settings(database_url=url).url == "postgresql+psycopg://me@here/office"


@pytest.mark.parametrize(("name", "value"), [("SESSION_HOURS", "x"), ("SESSION_HOURS", "0"), ("PROXIES", "-1"),
                                             ("DATABASE_URL", "no address")])
def test_a_setting_that_makes_no_sense_is_a_sentence_that_names_it(name: str, value: str, monkeypatch: Any) -> None:
    monkeypatch.setenv(f"GEWU_{name}", value)
    with pytest.raises(Refusal, match=f"GEWU_{name}"):
        assert not config.Settings.load().url
