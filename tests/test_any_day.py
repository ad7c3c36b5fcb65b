"""The product works on any day: what reads the clock most is run on days that break such programs.

Every other module may be run so too: ``run.py test tests/subsystems --moment 2028-02-29T10:00``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MOMENTS = {
    "a Sunday late in November": "2026-11-29T15:00", "the last evening of a year": "2026-12-31T23:59",
    "the first minute of a year": "2027-01-01T00:01", "the leap day": "2028-02-29T10:00",
    "the Spring Festival": "2027-02-07T10:00", "the National Day": "2026-10-02T10:00",
    "a minute to midnight": "2026-12-01T23:59", "a minute past midnight": "2026-12-02T00:01",
}
MODULES = ["tests/core/base/test_workdays.py", "tests/core/base/test_dates.py", "tests/core/base/test_identity.py",
           "tests/demo/test_risk_and_incident_demo.py"]
SECONDS = 280


@pytest.mark.parametrize("day", MOMENTS)
def test_what_reads_the_clock_passes_on(day: str, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    words = ["-q", "-p", "no:cacheprovider", "--basetemp", str(tmp_path / "run"), "--moment", MOMENTS[day]]
    done = subprocess.run([sys.executable, "-m", "pytest", *words, *MODULES], cwd=ROOT, capture_output=True, text=True,
                          check=False, timeout=SECONDS, env={**environment, "GEWU_TEST_DATABASES": "sqlite"})
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
