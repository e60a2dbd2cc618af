"""DVC's experiments in folders of their own, `dvc exp run --temp` and `--queue`: git's files alone are copied there."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ineq.planning.jobs import Job, missing_sources

FOLDERS = (".dvc", "tmp", "exps")
"""Where in a checkout DVC makes these folders."""


def link_sources(planned: Iterable[Job]) -> None:
    """In such a folder, link what jobs read and git has not, such as images and checkpoints, to the checkout's own."""
    for above in Path.cwd().parents:
        if above.parts[-len(FOLDERS) :] == FOLDERS:
            _link(missing_sources(planned), above.parents[len(FOLDERS) - 1])


def _link(missing: Iterable[Path], checkout: Path) -> None:
    for path in missing:
        if (checkout / path).exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(checkout / path)
