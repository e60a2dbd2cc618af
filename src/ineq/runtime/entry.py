"""Where a stage's script begins: in a warm process, if there is one. Light, since the client of one imports it, too."""

from __future__ import annotations

from ineq.extras import workflow_of
from ineq.runtime.warm import hand_over


def run_stage(stage: str) -> None:
    """Run a stage: parse the arguments, do its `main`, move the results into place; exit code 2 on bad input."""
    hand_over()
    with workflow_of(stage):
        from ineq.runtime.runner import run

    run(stage)
