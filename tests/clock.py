"""Another day for a whole run of the tests: ``pytest --moment 2027-02-06T23:59`` (the office's time), a clock that runs on."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from app.core.base import moments


def shift(text: str) -> None:
    """From now on it is this moment of the office's clock, and time passes as ever."""
    ahead = datetime.fromisoformat(text) - moments.local(moments.now())

    class Shifted(datetime):
        """The system's clock, so much ahead."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + ahead

    moments.datetime = Shifted  # type: ignore[misc]
    assert abs(moments.now() - (datetime.now(UTC).replace(tzinfo=None) + ahead)).total_seconds() < 5
