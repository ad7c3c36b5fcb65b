"""The commands a person or script types: a wrong word is a sentence, and nothing is destroyed unasked."""

from __future__ import annotations

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
