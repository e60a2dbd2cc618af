"""Before Snakemake plans: artefacts whose record is not the wanted one must not pass for results."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ineq.planning.jobs import Job
from ineq.provenance.file_hashes import Hashes
from ineq.provenance.records import difference

ASIDE = Path(".stale")


def stale_jobs(causes: Iterable[tuple[Job, dict[str, Any]]]) -> dict[str, tuple[Job, str]]:
    """Those of `causes` that have artefacts which are not what is wanted now, by the job's name, each with the reason.

    A job whose inputs are gone is left to the engine, which remakes them and then it.
    """
    hashes = Hashes()
    stale: dict[str, tuple[Job, str]] = {}
    for job, cause in causes:
        if _can_be_judged(job) and (reason := difference(job, cause, hashes)):
            stale[job.name] = (job, reason)
    hashes.save()
    return stale


def _can_be_judged(job: Job) -> bool:
    """Whether it has artefacts, and all its inputs."""
    present = any(path.exists() for path in job.outputs.values())
    return present and all(path.exists() for path in job.input_files)


def move_aside(job: Job) -> None:
    """Move a job's artefacts to the same path below `.stale/`, over what lay there."""
    for path in job.outputs.values():
        if path.exists():
            target = ASIDE / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, target)
