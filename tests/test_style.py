"""Style is held by ruff, as pyproject.toml says it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def ruff(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format", "concise", *words],
                          cwd=ROOT, check=False, capture_output=True, text=True, encoding="utf-8")


def test_every_file_keeps_the_style() -> None:
    found = ruff(".")
    assert not found.returncode, f"{found.stdout}\n{found.stderr}"


def test_a_name_nobody_uses_is_found(tmp_path: Path) -> None:
    """The check itself can be wrong: this is what it must find."""
    (tmp_path / "wrong.py").write_text("import json\n", encoding="utf-8")
    assert "F401" in ruff("--config", str(ROOT / "pyproject.toml"), str(tmp_path / "wrong.py")).stdout
