"""What every stage script is run by: parameters and paths in, artefacts and record out, atomically.

A stage gets only the parameters it declares. Its files are made under `results/<study>/.tmp/` and moved to their names
when all are there, the record last; so a killed stage leaves nothing under a final name. Resume state is in `.ineq/`.
Whoever runs a job anew removes what an earlier run was making: what a killed engine left running can't overwrite it.
Scripts import what they compute with in `main`, so that help and refusals come before torch, which takes seconds.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from ineq.config.study import load_study
from ineq.errors import InputError
from ineq.io.text import digest, file_digest, write_json
from ineq.planning.jobs import Job, job
from ineq.planning.registry import STAGES
from ineq.provenance.file_hashes import Hashes, digests
from ineq.provenance.records import expected_cause, read_record
from ineq.runtime.console import exit_on_error, logged, say
from ineq.runtime.gpus import acquire_gpu, gpus, meeting_place
from ineq.runtime.machine import computed_in, hardware, not_deterministic, peak_memory_gb
from ineq.runtime.run import Run, StageParameters

STATE = Path(".ineq/state")
PLANNED = "planned"
CHANGED = "params.yaml, or a model's card, has changed"


def run(stage: str) -> None:
    """Do what `run_stage` says, here."""
    main: Callable[[Run], None] = import_module(f"ineq.stages.{stage}").main
    axes = _arguments(stage)
    planned = axes.pop(PLANNED)
    with exit_on_error(stage):
        one = job(load_study(), stage, **axes)
        # Inside another, since a folder that can't be written to has no log.
        with logged(one.log), exit_on_error(stage, failed=f"{one.name} failed: see {one.log}"):
            _run(one, main, planned)
    # Else the interpreter, as it ends, looks through all that torch has made for cycles: a fifth of a short job's time.
    gc.freeze()


def _arguments(stage: str) -> dict[str, str]:
    parser = argparse.ArgumentParser(description=STAGES[stage].summary)
    for axis in STAGES[stage].axes:
        parser.add_argument(f"--{axis}", required=True)
    parser.add_argument(f"--{PLANNED}", default="", help="digest of the parameters that this job was planned with")
    return vars(parser.parse_args())


def _run(job: Job, main: Callable[[Run], None], planned: str) -> None:
    started = time.time()
    if planned not in ("", job.parameters_digest):
        raise InputError(f"{CHANGED} since this job was planned: start the run again")
    _check_inputs(job)
    hashes = Hashes()
    # Taken before the stage reads them: a file that changes under its hands is not what the record names.
    inputs = digests(job.input_files, hashes)
    _check_made(job, inputs)
    cause = expected_cause(job)
    key = digest([cause, inputs])
    with _staging(job) as folder:
        staged = {name: folder / path.name for name, path in job.outputs.items()}
        parameters = StageParameters(job.stage.name, job.parameters)
        state = STATE / job.study.name / job.slug
        state.parent.mkdir(parents=True, exist_ok=True)
        outputs = {name: path for name, path in staged.items() if name != "record"}
        with _gpu(job), not_deterministic() as operations:
            main(Run(job, parameters, outputs, state, key))
        made = {str(job.outputs[name]): file_digest(path) for name, path in outputs.items()}
        write_json(staged["record"], {**cause, **_computed(job, operations), "inputs": inputs, "outputs": made})
        if not planned:
            _refuse_changed(job)
        _publish(job, staged)
    hashes.save()
    state.unlink(missing_ok=True)
    _log_run(job, started)


def _check_inputs(job: Job) -> None:
    for path in job.input_files:
        if not path.exists():
            raise InputError(f"{path} is missing: run the stage that writes it, or the whole study, first")


def _check_made(job: Job, inputs: Mapping[str, str | None]) -> None:
    """Refuse an input that is not what the stage before wrote: cut off, edited, or half of a job that was killed."""
    for path, record_path in job.input_records.items():
        if (record := read_record(record_path)) is None:
            raise InputError(f"{record_path} is missing or not readable: rerun the stage that writes {path}")
        if path != record_path and record["outputs"].get(str(path)) != inputs[str(path)]:
            raise InputError(f"{path} is not the file that its record names: rerun the stage '{record['stage']}'")


def _gpu(job: Job) -> contextlib.AbstractContextManager[object]:
    """A GPU for a job that runs a model, where there is one."""
    return acquire_gpu(gpus() if job.stage.runs_model else [], meeting_place(), lambda line: say(f"{job.name} {line}"))


def _computed(job: Job, operations: list[str]) -> dict[str, Any]:
    """What the record says of how it was computed; never a reason to compute it again."""
    return {"arithmetic": computed_in(operations)} if job.stage.runs_model else {}


@contextlib.contextmanager
def _staging(job: Job) -> Iterator[Path]:
    """A folder of its own on the file system of the results, outside everything an engine looks at.

    That of an earlier run of the job goes: if that run is still at it, since a kill of its engine spared it, it has
    nothing left to move into place, and raises `InputError`.
    """
    job_folder = Path("results", job.study.name, ".tmp", job.slug)
    shutil.rmtree(job_folder, ignore_errors=True)
    folder = job_folder / f"{os.getpid()}-{time.time_ns()}"
    folder.mkdir(parents=True)
    try:
        yield folder
    except Exception as error:
        if folder.exists():
            raise
        raise InputError(f"{job.name}: a newer run of this job has taken over, and this one wrote nothing") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            job_folder.rmdir()


def _refuse_changed(one: Job) -> None:
    """An engine that passes no digest, as DVC, would take the result for one of the parameters that it sees now."""
    try:
        now = job(load_study(), one.stage.name, **one.axes).parameters
    except InputError as error:
        raise InputError(f"{CHANGED} while this job ran, and nothing was written; now {error}") from None
    if one.parameters != now:
        raise InputError(f"{CHANGED} while this job ran, and nothing was written: start the run again")


def _publish(job: Job, staged: Mapping[str, Path]) -> None:
    """Move the files to their names, the record last: no record, no result."""
    job.record.unlink(missing_ok=True)
    for name, path in staged.items():
        job.outputs[name].parent.mkdir(parents=True, exist_ok=True)
        # Not `replace`: the folder may be a link to another disk.
        shutil.move(path, job.outputs[name])


def _log_run(job: Job, started: float) -> None:
    """Time, memory and hardware: useful, volatile, and so outside the artefacts."""
    facts = {
        "job": job.name,
        "started": time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(started)),
        "seconds": round(time.time() - started, 2),
        "peak_memory_gb": peak_memory_gb(),
        **hardware(job.stage.runs_model),
    }
    write_json(job.log.with_suffix(".json"), facts)
