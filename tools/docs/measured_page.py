"""`docs/how-it-was-measured.md`: its table of what the paper leaves open, which the report has, too."""

from __future__ import annotations

from pathlib import Path

from blocks import filled

from ineq.io.markdown import markdown_table
from ineq.paper.deviations import DEVIATIONS


def measured_page(root: Path = Path(".")) -> str:
    """The page with its table made anew."""
    page = root / "docs" / "how-it-was-measured.md"
    return filled(page, {"deviations": lambda: markdown_table(("matter", "here"), DEVIATIONS)})
