"""Where a result comes from, and what has changed since it was made."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ineq.config.short_repr import one_line
from ineq.config.study import Study
from ineq.errors import InputError
from ineq.planning.jobs import Job, jobs
from ineq.provenance.file_hashes import Hashes, read_json
from ineq.provenance.records import causes, differences, read_record

GPU_SOFTWARE = {"driver": "gpu_driver", "CUDA": "cuda", "cuDNN": "cudnn"}
SHOWN = 8
"""Parameters and files that are named in the text; the JSON has all."""


def explain(study: Study, file: Path) -> dict[str, Any]:
    """What made `file`, a path in or relative to the project, and every reason why it is not what is wanted now.

    "changed" lists reasons, each beginning with the job it is about: the one that made the file, or one before it.
    Raises `InputError` for a file that no job of the study makes, or that is not there.
    """
    makers = {path: job for job in jobs(study) for path in job.outputs.values()}
    path = _within(study, file, makers)
    if path not in makers:
        raise InputError(f"{file} is made by no job of study '{study.name}'{_hint(study, path)}")
    job, hashes = makers[path], Hashes(study.root)
    if not (study.root / path).exists():
        raise InputError(f"{file} is not there: `snakemake --cores 8 all` or `dvc repro` makes it")
    before = _before(job, makers)
    changed = [
        f"{one.name}: {reason}" for one, cause in causes([job, *before]) for reason in differences(one, cause, hashes)
    ]
    hashes.save()
    record = read_record(study.root / job.record) or {}
    return {
        "file": str(path),
        "study": study.name,
        "stage": job.stage.name,
        "axes": dict(job.axes),
        "command": job.command,
        "run": _run(study.root / job.log.with_suffix(".json")),
        **{key: record.get(key, {}) for key in ("parameters", "code", "arithmetic", "inputs", "outputs")},
        "before": [one.name for one in before],
        "changed": changed,
    }


def _within(study: Study, file: Path, outputs: Iterable[Path]) -> Path:
    """The path as jobs have it, relative to the project; a folder of results may be a link to another disk."""
    try:
        place = file.resolve()
        made = next((path for path in outputs if (study.root / path).resolve() == place), None)
        return made or place.relative_to(study.root.resolve())
    # A circle of links is a RuntimeError, a name that no file can have a ValueError.
    except (ValueError, RuntimeError, OSError):
        return file


def _hint(study: Study, path: Path) -> str:
    """Another study's result is the likeliest mistake."""
    parts = path.parts
    if len(parts) > 1 and parts[0] == "results" and parts[1] != study.name:
        return f"; it is of study '{parts[1]}': `ineq study use {parts[1]}` first"
    return ", expected a file below results/"


def _before(job: Job, makers: dict[Path, Job]) -> list[Job]:
    """The jobs whose results it rests on, nearest first."""
    before: dict[str, Job] = {}
    waiting = [job]
    while waiting:
        for path in waiting.pop(0).input_files:
            maker = makers.get(path)
            if maker and maker.name not in before:
                before[maker.name] = maker
                waiting.append(maker)
    return list(before.values())


def _run(path: Path) -> dict[str, Any]:
    """When, where and for how long; nothing where that was not kept."""
    run = read_json(path)
    return run if {"started", "seconds", "host", "cores"} <= set(run) else {}


def shown(explanation: dict[str, Any]) -> str:
    """The explanation for people."""
    run, code = explanation["run"], explanation["code"]
    modules = sorted(name for name in code.get("modules", {}) if name != "script")
    packages = ", ".join(one_line(f"{name} {number}") for name, number in code.get("packages", {}).items())
    where = ", ".join(str(run[key]) for key in ("processor", "instructions", "machine") if run.get(key))
    memory = f" and {run['peak_memory_gb']} GB" if "peak_memory_gb" in run else ""
    lines = {
        "made by": explanation["command"],
        "when": one_line(f"{run['started']}, in {run['seconds']} s{memory}") if run else "not kept",
        "where": one_line(f"{run['host']} ({where}, {run['cores']} cores)") if run else "not kept",
        **({"on the GPU": one_line(_gpu(run))} if "gpu" in run else {}),
        **({"computed in": one_line(_arithmetic(explanation["arithmetic"]))} if explanation["arithmetic"] else {}),
        "parameters": _few([f"{key} = {value}" for key, value in explanation["parameters"].items()]),
        "code": f"its script, and {_few(modules)}",
        "packages": packages,
        "reads": _few([f"{path} ({str(digest or 'a folder')[:12]})" for path, digest in explanation["inputs"].items()]),
        "rests on": _few(explanation["before"]),
    }
    text = [explanation["file"], *(f"  {name:11} {value}" for name, value in lines.items())]
    if not explanation["changed"]:
        return "\n".join([*text, "Nothing has changed since: this is what the study asks for now."])
    return "\n".join([*text, "Changed since:", *(f"  {reason}" for reason in explanation["changed"])])


def _gpu(run: dict[str, Any]) -> str:
    software = ", ".join(f"{name} {run.get(key)}" for name, key in GPU_SOFTWARE.items() if key in run)
    return f"{run['gpu']} ({software}), {run.get('peak_gpu_memory_gb', 'unknown')} GB"


def _arithmetic(arithmetic: dict[str, Any]) -> str:
    """The precisions, and what may give other bits each time."""
    said = " and ".join(map(str, arithmetic.get("precisions", [])))
    operations = arithmetic.get("not_deterministic", [])
    return said + (f"; not deterministic: {', '.join(map(str, operations))}" if operations else "")


def _few(items: list[str]) -> str:
    more = f" and {len(items) - SHOWN} more (--json names all)" if len(items) > SHOWN else ""
    return ", ".join(map(one_line, items[:SHOWN])) + more if items else "nothing"
