"""Words that several parts of a report share."""

NOISE = {"additive": "added to", "replace": "in place of"}
"""What noise of a kind is, to the values it falls on."""
