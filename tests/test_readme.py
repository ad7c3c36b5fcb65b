"""What the README shows works: its subsystem passes the contract tests on both databases."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_the_subsystem_of_the_readme_passes_the_contract() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.readme_record", "-p", "no:cacheprovider",
         "tests/test_contract.py", "tests/test_valid_rows.py", "-k", "Notice and not chinese_for_chinese"],
        cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False)
    assert ran.returncode == 0 and " passed" in ran.stdout, ran.stdout[-3000:] + ran.stderr[-2000:]
