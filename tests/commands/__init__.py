"""Commands, run as they are typed."""

from __future__ import annotations

from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from types import SimpleNamespace

from app.commands import main
from app.db import db


def run(*words: str) -> SimpleNamespace:
    """A command as typed behind ``run.py``, in this process: its exit code and what it said."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code = main(words)
        except SystemExit as end:
            code = int(end.code or 0)
        finally:
            for engine in [engine for engines in db._app_engines.values() for engine in engines.values()]:
                engine.dispose()  # a command that has ended uses no database
    return SimpleNamespace(returncode=code, stdout=out.getvalue(), stderr=err.getvalue())
