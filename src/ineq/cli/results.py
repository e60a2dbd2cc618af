"""Commands about the current study's results."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from ineq.cli.usage import AsJson, tell


def adopt(as_json: AsJson = False) -> None:
    """Let each engine take the other's results for its own.

    Every record is verified first; no stage runs.
    """
    from ineq.config.study import load_study
    from ineq.engines.adopt import adopt as adopt_study
    from ineq.engines.lock import checkout_lock

    # Both engines take the lock again.
    os.close(checkout_lock())
    study = load_study()
    jobs = adopt_study(study)
    text = f"{jobs} jobs of study '{study.name}' verified and adopted: both engines have nothing to do"
    tell({"study": study.name, "jobs": jobs}, text, as_json)


def explain(
    file: Annotated[Path, typer.Argument(help="A file of the current study's results.")], as_json: AsJson = False
) -> None:
    """Say what made a result, and what has changed since."""
    from ineq.config.study import load_study
    from ineq.provenance.explain import explain as explain_file
    from ineq.provenance.explain import shown

    explanation = explain_file(load_study(), file)
    tell(explanation, shown(explanation), as_json)
