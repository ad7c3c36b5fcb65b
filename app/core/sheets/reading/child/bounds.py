"""How much memory and time the reading of one workbook may take."""

from __future__ import annotations

MEMORY_LIMIT = 1_000_000_000  # of addresses; what is truly used is less than 600 MB
SECONDS_LIMIT = 20


def limit_resources() -> None:
    """Bounds memory and time where the system can."""
    try:
        import resource
    except ImportError:  # Windows has no such limit; the guard before the parser holds there
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_LIMIT, SECONDS_LIMIT))
