"""The README's two generated blocks: a picture and the answer in five lines, from `docs/results/`."""

from __future__ import annotations

from pathlib import Path

from answer import answer
from blocks import filled
from published import Published


def readme(root: Path = Path(".")) -> str:
    """The README with its marked blocks filled from the published results."""
    return filled(root / "README.md", {"picture": lambda: _picture(root), "answer": lambda: answer(root)})


def _picture(root: Path) -> str:
    study = Published(root, "digits")
    return f"![{study.figures['gini']['title']}]({study.place}/figures/gini.svg)"
