"""Before Snakemake plans: artefacts whose record is not the wanted one must not pass for results."""

from __future__ import annotations

import shutil
from pathlib import Path

from ineq.config.study import Study
from ineq.pipeline.jobs import Job, jobs
from ineq.pipeline.records import causes, difference
from ineq.pipeline.remembered import Hashes

ASIDE = Path(".stale")


def stale_jobs(study: Study) -> dict[str, tuple[Job, str]]:
    """Jobs that have artefacts which are not what is wanted now, by the job's name, each with the reason.

    A job whose inputs are gone is left to the engine, which remakes them and then it.
    """
    hashes = Hashes()
    found: dict[str, tuple[Job, str]] = {}
    for job, cause in causes(filter(_can_be_judged, jobs(study))):
        if reason := difference(job, cause, hashes):
            found[job.name] = (job, reason)
    hashes.save()
    return found


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
