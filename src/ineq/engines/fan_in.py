"""What a fan-in stage reads, as one file for DVC.

DVC can't take a list from `params.yaml` into `deps:`. A dependency on the whole folder would rerun the stage for a
model it does not read, and for what a removed model left there. So a small stage before it lists the files the study
names, with their digests, and the values of cards it reads; the fan-in depends on that list.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ineq.config.options import BUILT_IN
from ineq.errors import InputError
from ineq.io.text import write_json
from ineq.planning.jobs import Job
from ineq.planning.registry import STAGES, source
from ineq.planning.stage import Stage
from ineq.provenance.code import describe_run
from ineq.provenance.file_hashes import Hashes


def fan_in_stages() -> list[Stage]:
    """The stages that read several jobs of another one, or the cards of several models."""
    return [stage for stage in STAGES.values() if _fans_in(stage)]


def _fans_in(stage: Stage) -> bool:
    cards = bool(stage.card) and "model" not in stage.axes
    return cards or any(stage.fans_in(source(item)[0]) for item in stage.inputs.values())


def list_template(stage: Stage) -> str:
    """Where the list of a fan-in stage lies."""
    return f"results/{{study}}/.inputs/{stage.name}.json"


def write_list(job: Job) -> None:
    """Write the list of a fan-in job's inputs. Raises `InputError` where one is missing."""
    hashes = Hashes()
    listed: dict[str, Any] = {"inputs": {}, "cards": {}}
    for path in (path for item in job.inputs.values() if isinstance(item, dict) for path in item.values()):
        listed["inputs"][str(path)] = hashes(path)
        if listed["inputs"][str(path)] is None:
            raise InputError(f"{path} is missing: run the stage that writes it first")
    listed["cards"] = {key: value for key, value in job.parameters.items() if key.startswith("card.")}
    if job.stage.runs not in job.axes:
        built_in = BUILT_IN.get(job.stage.runs, ())
        # DVC knows those of this package by name; the others come from params.yaml.
        listed["code"] = {name: describe_run(kind, name) for kind, name in job.runs if name not in built_in}
    target = Path(list_template(job.stage).format(study=job.study.name))
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}")
    write_json(temporary, listed)
    temporary.replace(target)
    hashes.save()
