"""What every name of the program may be is checked: a wrong call is found without being made."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def checked(*words: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "mypy", "--no-color-output", *words], cwd=folder, check=False,
                          capture_output=True, text=True, encoding="utf-8")


@pytest.mark.timeout(600)  # without what it kept from the last time it reads all packages anew
def test_the_types_of_the_program_agree() -> None:
    """What is checked, and how, stands in pyproject.toml; what did not change since is not read again."""
    found = checked()
    assert not found.returncode, f"{found.stdout}\n{found.stderr}"


def test_a_call_that_cannot_work_is_found(tmp_path: Path) -> None:
    """The check itself can be wrong: this is what it must find."""
    (tmp_path / "wrong.py").write_text("def half(number: int) -> float:\n    return number / 2\n\n\nhalf('a')\n", encoding="utf-8")
    found = checked("wrong.py", "--cache-dir", str(tmp_path / "kept"), folder=tmp_path)
    assert found.returncode and "incompatible type" in found.stdout
