"""Where a stage's script begins: in a warm process if there is one, else here; and where it ends."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from ineq.pipeline.warm import hand_over

if TYPE_CHECKING:
    from ineq.pipeline.runner import Run


def run_stage(stage: str, main: Callable[[Run], None]) -> None:
    """Run a stage's script: `main`, with what `ineq.pipeline.runner` gives it; exit code 2 on bad input."""
    hand_over()
    done = False

    def end_at_once() -> None:
        """Else the interpreter takes apart piece by piece what torch has made: more than half of a short job's time."""
        if done:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(0)

    # First come, last called: what others have registered by then has run.
    atexit.register(end_at_once)
    from ineq.pipeline.runner import run

    run(stage, main)
    done = True
