"""Files that say how the product stands, reviewed as a diff: ``pytest --regenerate`` writes them anew."""

from __future__ import annotations

import difflib
from pathlib import Path

AGAIN = "If that is meant: python run.py test tests/test_roles.py tests/test_queries.py tests/test_icons.py --regenerate"


def same(path: Path, found: str, regenerate: bool) -> None:
    """AssertionError with the difference when the file says otherwise."""
    kept = path.read_text(encoding="utf-8") if path.exists() else ""
    if regenerate:
        path.write_text(found, encoding="utf-8")
        return
    changed = list(difflib.unified_diff(kept.splitlines(), found.splitlines(), path.name, "now", n=0, lineterm=""))
    assert not changed, "\n".join([*changed[:60], AGAIN])
