"""Let one engine take over what the other one made: verify every record, then tell the engine.

Explicit, and never a side effect of a run: an engine that believed a half-finished state would hand it out later.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from ineq.config.options import BUILT_IN
from ineq.config.study import Study
from ineq.engines.dvc import CODE, RUNS
from ineq.engines.fan_in import fan_in_stages, write_list
from ineq.errors import InputError
from ineq.io.text import write_json
from ineq.planning.jobs import jobs
from ineq.planning.registry import STAGES
from ineq.provenance.code import describe_run, describe_stage
from ineq.provenance.file_hashes import Hashes
from ineq.provenance.records import causes, difference


def verify(study: Study) -> int:
    """The number of jobs, all of whose artefacts are the wanted ones; raises `InputError` for the first that isn't."""
    hashes = Hashes()
    every = jobs(study)
    wrong = [(job, reason) for job, cause in causes(every) if (reason := difference(job, cause, hashes))]
    hashes.save()
    if wrong:
        job, reason = wrong[0]
        raise InputError(
            f"nothing adopted: {len(wrong)} of {len(every)} jobs don't match, the first is {job.name} in "
            f"{job.record.parent}: {reason}; run either engine first"
        )
    return len(every)


def write_code_files() -> None:
    """What DVC's stage `code` writes."""
    for stage in STAGES:
        _write(CODE.format(stage=stage), describe_stage(stage))
    for kind, names in BUILT_IN.items():
        for name in names:
            write_run_file(kind, name)


def write_run_file(kind: str, name: str) -> None:
    """What the code of a method or attack means; of a plug-in, DVC's stages `plugin_…` write it."""
    _write(RUNS.format(kind=kind, name=name), describe_run(kind, name))


def _write(file: str, content: dict[str, Any]) -> None:
    path = Path(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, content)


def adopt(study: Study) -> int:
    """Make both engines take the present artefacts for theirs; returns the number of jobs. Runs no stage."""
    count = verify(study)
    write_code_files()
    for kind in BUILT_IN:
        for name in study.all_of(kind):
            write_run_file(kind, name)
    for stage in fan_in_stages():
        write_list(next(job for job in jobs(study) if job.stage is stage))
    _engine("snakemake", "--cores", "1", "--touch", "--forceall", "all")
    _engine("dvc", "commit", "--force")
    return count


def _engine(name: str, *arguments: str) -> None:
    """Run an engine of this environment; its own words only if it fails."""
    program = Path(sys.executable).with_name(name)
    done = subprocess.run([str(program), *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise InputError(f"`{name} {' '.join(arguments)}` failed:\n{done.stdout}{done.stderr}".rstrip())
