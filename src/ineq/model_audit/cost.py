"""How long an audit takes, in words."""

from __future__ import annotations


def duration(seconds: float) -> str:
    """In words, in the unit that fits: `40 seconds`, `12 minutes`, `3.5 hours`."""
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"
