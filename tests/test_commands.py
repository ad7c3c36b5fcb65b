"""The commands a person or script types: a wrong word is a sentence, and nothing is destroyed unasked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def run(*words: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(ROOT / "run.py"), *words], cwd=cwd, capture_output=True, text=True,
                          check=False, env={**os.environ, "GEWU_SKIP_BOOTSTRAP": "1", "PYTHONUTF8": "1", **environment})


@pytest.mark.parametrize("words", [["improt"], ["import"], ["serve", "--port", "x"], ["user", "sing"]])
def test_a_wrong_word_is_a_sentence_and_exit_code_2(words: list[str]) -> None:
    done = run(*words)
    assert done.returncode == 2 and done.stderr.strip() and "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["serve", "demo", "import", "export", "user", "migrate", "backup", "restore",
                                     "check", "bench", "test"])
def test_every_command_explains_itself(command: str) -> None:
    done = run(command, "--help")
    assert done.returncode == 0 and command in done.stdout


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
