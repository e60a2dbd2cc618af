"""Every job as each engine sees it, listed in-process: command, inputs, outputs and parameters."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import networkx

BOOKKEEPING = ("code", "sample-inputs", "tables-inputs")


@dataclass(frozen=True)
class EngineJob:
    """A job, in terms both engines share."""

    command: str
    inputs: frozenset[str]
    outputs: frozenset[str]
    parameters: frozenset[str]


def is_bookkeeping(name: str) -> bool:
    """Whether a DVC stage is one that only DVC has."""
    return name.split("@")[0] in BOOKKEEPING


def from_dvc(root: Path) -> dict[str, EngineJob]:
    """Jobs by command; the code's digest file, and the files behind a fan-in's list, stand for what they stand for."""
    from dvc.dependency.param import ParamsDependency
    from dvc.repo import Repo

    with Repo(str(root)) as repo:
        lists = {str(stage.outs[0]): stage for stage in repo.index.stages if stage.addressing != "code" and is_bookkeeping(stage.addressing)}
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
                    inputs.update(f"{folder}/" for folder in map(str, lists[path].deps) if folder.startswith("results/"))
                    parameters.update({"card"} if any(str(d).startswith("models/") for d in lists[path].deps) else set())
                elif path.startswith("results/.code/"):
                    parameters.add("code")
                else:
                    inputs.add(path)
            outputs = frozenset(str(out) for out in stage.outs)
            jobs[stage.cmd] = EngineJob(stage.cmd, frozenset(inputs), outputs, frozenset(parameters))
        return jobs


def from_snakemake(root: Path) -> dict[str, EngineJob]:
    """Jobs by command, from the graph that `snakemake --forceall all` would run."""
    from snakemake.api import SnakemakeApi
    from snakemake.settings.types import (
        ConfigSettings,
        DAGSettings,
        OutputSettings,
        Quietness,
        ResourceSettings,
        WorkflowSettings,
    )

    with SnakemakeApi(OutputSettings(quiet={Quietness.ALL})) as api:
        workflow = api.workflow(
            resource_settings=ResourceSettings(cores=1),
            config_settings=ConfigSettings(),
            workflow_settings=WorkflowSettings(),
            workdir=root.resolve(),
            snakefile=(root / "Snakefile").resolve(),
        )
        inner = workflow.dag(DAGSettings(targets={"all"}, forceall=True)).workflow_api._workflow  # private: version pinned
        inner._prepare_dag(forceall=True, ignore_incomplete=True, lock_warn_only=True)
        inner._build_dag()
        return {
            job.shellcmd: EngineJob(
                job.shellcmd,
                frozenset(map(str, job.input)),
                frozenset(map(str, job.output)),
                frozenset(job.params["stage"]),
            )
            for job in inner.dag.jobs
            if job.shellcmd
        }


def dvc_plan() -> str:
    """JSON list of the jobs that DVC would run: changed ones and what lies below them."""
    from dvc.repo import Repo

    with Repo(".") as repo:
        names = {name for name in repo.status() if not is_bookkeeping(name)}
        graph = repo.index.graph
        by_name = {stage.addressing: stage for stage in graph}
        # An edge goes from a stage to what it needs, so what depends on a stage are its ancestors.
        below = {stage for name in names for stage in {by_name[name], *networkx.ancestors(graph, by_name[name])}}
        return json.dumps(sorted(_name(stage.cmd) for stage in below if not is_bookkeeping(stage.addressing)))


def _name(command: str) -> str:
    words: list[Any] = command.split()
    return " ".join([Path(words[1]).stem, "/".join(words[3::2])]).strip()
