"""What was found, on a line that a terminal and a log can take: bad input may be of any size and hold anything."""

from __future__ import annotations

import reprlib
from typing import Any

LONGEST = 500
"""Characters of a text."""
_SHORT = reprlib.Repr()
_SHORT.maxlevel, _SHORT.maxlist, _SHORT.maxdict = 2, 12, 12
_SHORT.maxstring = _SHORT.maxlong = _SHORT.maxother = 200


def one_line(text: str) -> str:
    """A text without line breaks and control characters, and not longer than a few lines."""
    plain = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text[:LONGEST])
    return f"{plain}…" if len(text) > LONGEST else plain


def short_repr(value: Any) -> str:
    """A value as Python writes it; a few anchors of YAML can make one whose full text fills all memory."""
    try:
        return _SHORT.repr(value)
    # Python does not write out a number of more than 4300 digits.
    except ValueError:
        return "too large a number"
