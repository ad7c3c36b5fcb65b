"""A pytest plugin: the subsystem the README shows is one of the program's, for the contract tests to collect."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import app.subsystems

README = Path(__file__).parents[1] / "README.md"
EXAMPLE = re.search(r"```python\n# app/subsystems/(\w+)\.py\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
assert EXAMPLE, "the README shows no subsystem any more"

_folder = tempfile.TemporaryDirectory()
(Path(_folder.name) / f"{EXAMPLE[1]}.py").write_text(EXAMPLE[2], encoding="utf-8")
app.subsystems.__path__.append(_folder.name)
