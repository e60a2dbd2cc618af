"""Where a stage's script begins: in a warm process if there is one, else here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ineq.pipeline.warm import hand_over

if TYPE_CHECKING:
    from ineq.pipeline.runner import Run


def run_stage(stage: str, main: Callable[[Run], None]) -> None:
    """Run a stage's script: `main`, with what `ineq.pipeline.runner` gives it; exit code 2 on bad input."""
    hand_over()
    from ineq.pipeline.runner import run

    run(stage, main)
