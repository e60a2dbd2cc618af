"""Every job as each engine sees it, listed in-process: command, inputs, outputs and parameters."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import networkx
from ruamel.yaml import YAML

from ineq.engines.fan_in import fan_in_stages
from ineq.engines.snakemake import without_digest
from ineq.engines.snakemake_insides import planned_jobs

Changes = Mapping[str, dict[str, Any] | str]
"""By file: what dotted keys of a YAML file become, or text that is appended with an old date, as rsync leaves it."""
CODE = ("code", "plugin_methods", "plugin_attacks")
BOOKKEEPING = (*CODE, *(f"{stage.name}-inputs" for stage in fan_in_stages()))


@dataclass(frozen=True)
class EngineJob:
    """A job, in terms both engines share, and what it asks a cluster for, of which only Snakemake knows."""

    command: str
    inputs: frozenset[str]
    outputs: frozenset[str]
    parameters: frozenset[str]
    asks: Mapping[str, int] = field(default_factory=dict)


def is_bookkeeping(name: str) -> bool:
    """Whether a DVC stage is one that only DVC has."""
    return name.split("@")[0] in BOOKKEEPING


def writes_code(name: str) -> bool:
    """Whether a DVC stage writes what code means."""
    return name.split("@")[0] in CODE


def from_dvc(root: Path) -> dict[str, EngineJob]:
    """Jobs by command; the code's digest file, and the files behind a fan-in's list, stand for what they stand for."""
    from dvc.dependency.param import ParamsDependency
    from dvc.repo import Repo

    with Repo(str(root)) as repo:
        lists = {
            str(stage.outs[0]): stage
            for stage in repo.index.stages
            if is_bookkeeping(stage.addressing) and not writes_code(stage.addressing)
        }
        jobs = {}
        for stage in repo.index.stages:
            if is_bookkeeping(stage.addressing):
                continue
            inputs: set[str] = set()
            parameters: set[str] = set()
            for dep in stage.deps:
                path = str(dep)
                if isinstance(dep, ParamsDependency):
                    prefix = "card." if path.startswith("models/") else ""
                    parameters.update(f"{prefix}{key}" for key in dep.params)
                elif path in lists:
                    inputs.update(
                        f"{folder}/" for folder in map(str, lists[path].deps) if folder.startswith("results/")
                    )
                    parameters.update(
                        {"card"} if any(str(d).startswith("models/") for d in lists[path].deps) else set()
                    )
                elif path.startswith("results/.code/"):
                    parameters.add("code")
                else:
                    inputs.add(path)
            outputs = frozenset(str(out) for out in stage.outs)
            command = str(stage.cmd)
            jobs[command] = EngineJob(command, frozenset(inputs), outputs, frozenset(parameters))
        return jobs


def from_snakemake(root: Path) -> dict[str, EngineJob]:
    """Jobs by command, from the graph that `snakemake --forceall --resources gpu=1 all` would run."""
    with planned_jobs(root) as jobs:
        return {
            (command := without_digest(job.shellcmd)): EngineJob(
                command,
                frozenset(map(str, job.input)),
                frozenset(map(str, job.output)),
                frozenset(job.params["stage"]),
                {name: job.resources.get(name, 0) for name in ("cpu", "gpu", "mem_mb", "gpu_mem_mb")},
            )
            for job in jobs
            if job.shellcmd
        }


def read_yaml(path: Path) -> Any:
    """The plain content of a YAML file."""
    return YAML(typ="safe").load(path)


def write_yaml(path: Path, content: Any) -> None:
    """Write plain content as YAML."""
    YAML().dump(content, path)


def change(path: Path, changes: dict[str, Any] | str) -> None:
    """Do to a file what `Changes` says."""
    if isinstance(changes, str):
        path.write_text(path.read_text() + changes)
        os.utime(path, (1_000_000_000, 1_000_000_000))
    else:
        change_yaml(path, changes)


def change_yaml(path: Path, changes: dict[str, Any]) -> None:
    """Set dotted keys of a YAML file."""
    write_yaml(path, with_changes(read_yaml(path), changes))


def with_changes(content: Any, changes: dict[str, Any]) -> Any:
    """Plain content in which dotted keys have become these; a study's file need not have their sections yet."""
    for key, value in changes.items():
        *sections, last = key.split(".")
        section = content
        for name in sections:
            section = section.setdefault(name, {})
        section[last] = value
    return content


def print_plans(engine: str) -> None:
    """Print a JSON list with the plan after each case of the JSON list given as argument; files are put back."""
    plans = []
    for case in json.loads(sys.argv[1]):
        saved = {path: Path(path).read_bytes() for path in case}
        for path, changes in case.items():
            change(Path(path), changes)
        # What code means does not depend on values, no list on code, nor on the values of `params.yaml` alone.
        code = any(path.endswith((".py", ".j2")) for path in case)
        own = [name for name in BOOKKEEPING if (name in CODE) == code or not case]
        own = own if set(case) != {"params.yaml"} else []
        plans.append(dvc_plan(own) if engine == "dvc" else snakemake_plan())
        for path, content in saved.items():
            Path(path).write_bytes(content)
    print(json.dumps(plans))


def snakemake_plan() -> list[str]:
    """The jobs that `snakemake --cores 8 --dry-run all` names, in this process: a start takes seconds."""
    from snakemake.cli import main

    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), contextlib.suppress(SystemExit):
        main(["--cores", "8", "--dry-run", "--printshellcmds", "all"])
    if "Traceback" in said.getvalue() or "Error" in said.getvalue():
        sys.exit(said.getvalue())
    return sorted({job_name(command) for command in re.findall(r"python workflow/scripts/.*", said.getvalue())})


def dvc_plan(bookkeeping: Collection[str]) -> list[str]:
    """The jobs that DVC would run: those whose status is changed, and all below them in its graph.

    Of DVC's own bookkeeping stages these are run first, each alone: they tell a comment from an edit, and a corrected
    licence from a changed model.
    """
    from dvc.exceptions import ReproductionError
    from dvc.repo import Repo

    if bookkeeping:
        with Repo(".") as repo:
            names = [stage.addressing for stage in repo.index.stages]
            for target in [name for name in names if name.split("@")[0] in bookkeeping]:
                # A list can't be made where what it lists is still to be made; the changed stages are above it then.
                with contextlib.suppress(ReproductionError), contextlib.redirect_stdout(sys.stderr):
                    reproduce: Any = repo.reproduce
                    reproduce(targets=[target], single_item=True)
    with Repo(".") as repo:
        status: Any = repo.status
        changed = set(status())
        # An edge goes from a stage to what it needs, so what depends on a stage are its ancestors.
        graph = repo.index.graph.copy()
        by_name = {stage.addressing: stage for stage in graph}
        for name in set(by_name) - changed:
            graph.remove_edges_from([(by_name[name], unread) for unread in _not_listed(by_name[name], graph)])
        names = {name for name in changed if not is_bookkeeping(name)}
        below = {stage for name in names for stage in {by_name[name], *networkx.ancestors(graph, by_name[name])}}
        return sorted(job_name(stage.cmd) for stage in below if not is_bookkeeping(stage.addressing))


def _not_listed(stage: Any, graph: networkx.DiGraph) -> list[Any]:
    """What lies in the folder that a list stage depends on, but not on its list: a change there stops at the list."""
    if not is_bookkeeping(stage.addressing) or writes_code(stage.addressing):
        return []
    listed = json.loads(Path(str(stage.outs[0])).read_text())["inputs"]
    return [made for made in graph.successors(stage) if not any(str(out) in listed for out in made.outs)]


def job_name(command: str) -> str:
    """`occlusion standard/input_x_gradient` from a stage's command."""
    words = without_digest(command).split()
    return " ".join([Path(words[1]).stem, "/".join(words[3::2])]).strip()
