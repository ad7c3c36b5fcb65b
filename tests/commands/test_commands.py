"""The commands a person or script types: a wrong word is a sentence, and nothing is destroyed unasked."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app import create_app
from app.commands import MODULES
from config import Settings
from tests.commands import run
from tests.databases import databases, drop_postgres, postgres_url, street

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("words", [["improt"], ["import"], ["serve", "--port", "x"], ["user", "sing"]])
def test_a_wrong_word_is_a_sentence_and_exit_code_2(words: list[str]) -> None:
    done = run(*words)
    assert done.returncode == 2 and done.stderr.strip() and "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [name for module in MODULES for name in module.NAMES])
def test_every_command_explains_itself(command: str) -> None:
    done = run(command, "--help")
    assert done.returncode == 0 and command in done.stdout


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with the small street."""
    return street("sqlite", tmp_path_factory.mktemp("filled")).data_dir


def test_a_demo_is_not_laid_over_a_filled_installation(filled: Path, tmp_path: Path) -> None:
    again = run("demo", "--data", str(filled))
    assert again.returncode == 2 and "已有数据" in again.stderr
    assert run("user", "list", "--data", str(tmp_path)).returncode == 0
    assert not (tmp_path / "demo").exists()


def test_a_refused_address_makes_nothing(tmp_path: Path) -> None:
    for words in (["--host", "0.0.0.0"], ["--host", "192.0.2.1", "--no-demo"], ["--port", "99999", "--no-demo"]):
        folder = tmp_path / words[-1]
        done = run("serve", *words, "--data", str(folder))
        assert done.returncode == 2 and "Traceback" not in done.stderr and done.stderr.strip(), done.stderr
        assert not folder.exists() or not any(folder.iterdir())


def test_a_taken_port_is_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run("serve", "--port", str(taken.getsockname()[1]), "--data", str(tmp_path / "x"))
    assert done.returncode == 2 and "不能在" in done.stderr and not (tmp_path / "x").exists()


@pytest.mark.parametrize("words", [["--filter", "nosuch=1"], ["--filter", "grid_code"], ["--columns", "name,nosuch"],
                                   ["--filter", "id_number=1"]])
def test_an_export_with_a_word_nobody_knows_lets_nothing_out(filled: Path, tmp_path: Path, words: list[str]) -> None:
    target = tmp_path / "out.xlsx"
    done = run("export", "resident", str(target), *words, "--data", str(filled))
    assert done.returncode == 2 and "Traceback" not in done.stderr and not target.exists()


def test_other_keys_than_those_of_the_database_stop_every_command(filled: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    assert run("user", "list", "--data", str(filled)).returncode == 0, "its keys are noted"
    shutil.copytree(filled, folder)
    shutil.rmtree(folder / "keys")
    create_app(Settings(tmp_path / "other"))
    shutil.copytree(tmp_path / "other" / "keys", folder / "keys")
    for words in (["user", "list"], ["serve", "--port", "0"]):
        done = run(*words, "--data", str(folder))
        assert done.returncode == 2 and "密钥与数据库不符" in done.stderr, (words, done.stderr)


def test_an_older_schema_is_backed_up_as_it_is_and_asks_for_a_migration(filled: Path, tmp_path: Path) -> None:
    folder, archive = tmp_path / "old", tmp_path / "old.zip"
    shutil.copytree(filled, folder)
    refused = run("migrate", "0005", "--data", str(folder))
    assert refused.returncode == 2 and "会删除数据" in refused.stderr and run("user", "list", "--data", str(folder)).returncode == 0
    assert run("migrate", "0005", "--drop", "--data", str(folder)).returncode == 0
    refused = run("user", "list", "--data", str(folder))
    assert refused.returncode == 2 and "run.py migrate" in refused.stderr
    assert run("backup", str(archive), "--data", str(folder)).returncode == 0
    restored = tmp_path / "back"
    assert run("restore", str(archive), "--data", str(restored)).returncode == 0
    assert '"0005"' in run("migrate", "0005", "--data", str(restored)).stdout
    unknown = run("migrate", "9999", "--data", str(restored))
    assert unknown.returncode == 2 and "9999" in unknown.stderr
    assert run("migrate", "--data", str(restored)).returncode == 0
    assert run("user", "list", "--data", str(restored)).returncode == 0


def test_a_password_of_the_command_line_obeys_the_rule_of_the_screens(filled: Path) -> None:
    weak = run("user", "add", "newone", "--role", "网格员", "--password", "12345678", "--data", str(filled))
    assert weak.returncode == 2 and weak.stderr.strip()
    assert "newone" not in run("user", "list", "--data", str(filled)).stdout
    assert run("user", "password", "wangwan", "--password", "short", "--data", str(filled)).returncode == 2


@pytest.mark.parametrize("kind", databases())
def test_two_first_starts_at_once_make_one_installation(tmp_path: Path, kind: str) -> None:
    url = [] if kind == "sqlite" else ["--database-url", postgres_url()]
    command = [sys.executable, str(ROOT / "run.py"), "user", "list", "--data", str(tmp_path), *url]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True,
                             env={**os.environ, "GEWU_SKIP_BOOTSTRAP": "1"}) for _start in range(2)]
    said = [start.communicate(timeout=120)[1] for start in both]
    assert [start.returncode for start in both] == [0, 0], said
    if url:
        drop_postgres(url[1])


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ending_the_start_ends_the_server_and_its_workers(filled: Path, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shutil.copytree(filled, tmp_path / "data")
    stand_in = tmp_path / "venv" / "bin"
    stand_in.mkdir(parents=True)
    (stand_in / "python").symlink_to(sys.executable)
    lock = hashlib.sha256((ROOT / "requirements.lock").read_bytes()).hexdigest()
    (tmp_path / "venv" / "requirements.lock.installed").write_text(lock)
    environment = {**os.environ, "GEWU_VENV": str(tmp_path / "venv"),
                   "PYTHONPATH": os.pathsep.join(path for path in sys.path if path and Path(path) != ROOT)}
    environment.pop("GEWU_SKIP_BOOTSTRAP", None)
    environment.pop("GEWU_INSIDE", None)
    start = subprocess.Popen([sys.executable, str(ROOT / "run.py"), "serve", "--no-demo", "--port", str(port), "--data",
                              str(tmp_path / "data")], env=environment, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    assert any(str(port) in line for line in start.stdout or ()), "started from another folder than its own"
    start.terminate()
    assert start.wait(timeout=60) is not None
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and f"GEWU_DATA={tmp_path}" in processes():
        time.sleep(0.3)
    assert f"GEWU_DATA={tmp_path}" not in processes()


def processes() -> str:
    """The command lines and environments of all processes that can be read."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            found.append(path.read_bytes().decode(errors="replace"))
        except OSError:
            continue
    return "\n".join(found)


def test_an_import_is_told_what_may_happen_and_what_a_blank_cell_means(tmp_path: Path) -> None:
    def taken(line: str, *words: str) -> dict[str, int]:
        path = tmp_path / "a.csv"
        path.write_text(f"字典,代码,中文,英文,别名\n{line}\n", encoding="utf-8")
        done = run("import", "dictionaryentry", str(path), "--json", *words, "--data", str(tmp_path / "data"))
        found = json.loads(done.stdout.splitlines()[-1])
        return {name: found[name] for name in ("new", "changed", "same", "refused") if found[name]}

    assert taken("blood_type,90,试,Trial,甲|乙", "--mode", "known") == {"refused": 1}
    assert taken("blood_type,90,试,Trial,甲|乙", "--mode", "new") == {"new": 1}
    assert taken("blood_type,90,试改,Trial,", "--mode", "new") == {"same": 1}
    assert taken("blood_type,90,试,Trial,") == {"same": 1}
    assert taken("blood_type,90,试,Trial,", "--blank", "clear", "--mode", "known") == {"changed": 1}
    assert taken("blood_type,90,试,Trial,", "--blank", "clear") == {"same": 1}
    assert run("import", "resident", "x.xlsx", "--mode", "all").returncode == 2


def test_an_import_by_command_says_by_what_number_it_is_taken_back(tmp_path: Path) -> None:
    path, data = tmp_path / "a.csv", ("--data", str(tmp_path / "data"))
    path.write_text("字典,代码,中文,英文\nblood_type,91,试,Trial\nblood_type,92,试二,Trial two\n", encoding="utf-8")
    done = run("import", "dictionaryentry", str(path), *data)
    number = done.stdout.splitlines()[0].rpartition("undo ")[2]
    assert done.returncode == 0 and number.isdigit(), done.stdout + done.stderr
    back = run("undo", number, *data)
    assert back.returncode == 0 and back.stdout.startswith("2 条新增记录移入回收站"), back.stdout + back.stderr
    again = run("undo", number, *data)
    assert again.returncode == 2 and number in again.stderr
    assert run("import", "dictionaryentry", str(path), *data, "--json").stdout.count('"new": 2') == 1
