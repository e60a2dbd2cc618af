"""Both engines have the same jobs: command, inputs, outputs and parameters, job by job, and as the registry says."""

from __future__ import annotations

import contextlib
import subprocess
from pathlib import Path

import engines
import pytest
from project import ROOT, copy_tracked

from ineq.config.activate import use_study
from ineq.config.compose import studies
from ineq.config.study import Study, load_study
from ineq.planning.estimate import gpu_memory, memory
from ineq.planning.jobs import Job, jobs
from ineq.planning.registry import STAGES, source
from ineq.planning.stage import Stage

STUDIES = studies(ROOT)


@pytest.fixture(scope="module", params=STUDIES)
def root(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of its own for each study; files that no stage makes are there, and empty."""
    root = tmp_path_factory.mktemp(request.param)
    copy_tracked(root)
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    use_study(root, request.param, discard=True)
    for job in jobs(load_study(root)):
        for name in job.stage.source_files:
            path = root / str(job.inputs[name])
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    return root


@pytest.fixture(scope="module")
def wanted(root: Path) -> dict[str, Job]:
    return {job.command: job for job in jobs(load_study(root))}


@pytest.fixture(scope="module")
def dvc(root: Path) -> dict[str, engines.EngineJob]:
    with contextlib.chdir(root):
        return engines.from_dvc(root)


@pytest.fixture(scope="module")
def snakemake(root: Path) -> dict[str, engines.EngineJob]:
    with contextlib.chdir(root):
        return engines.from_snakemake(root)


def expected(study: Study, stage: Stage) -> int:
    """How many jobs of a stage the study's lists make."""
    maps, attacks = sum(map(len, study.parameters.maps.model_dump().values())), ("noise", "occlusion")
    models = len(study.leaves[stage.model_list])
    return {
        (): 1,
        ("model",): models,
        ("method",): 4,
        ("model", "method"): maps,
        ("model", "attack"): models * len(attacks),
        ("model", "method", "attack"): maps * len(attacks),
    }[stage.axes]


def test_both_engines_have_the_registrys_jobs(root, wanted, dvc, snakemake) -> None:
    study = load_study(root)
    assert len(wanted) == sum(expected(study, stage) for stage in STAGES.values()) > 50
    assert set(dvc) == set(snakemake) == set(wanted)


def test_outputs_are_the_same(wanted, dvc, snakemake) -> None:
    for command, job in wanted.items():
        outputs = {str(path) for path in job.outputs.values()}
        assert dvc[command].outputs == snakemake[command].outputs == outputs, command


def test_inputs_are_the_same(wanted, dvc, snakemake) -> None:
    for command, job in wanted.items():
        inputs = {str(path) for path in job.input_files}
        # Snakemake also names the records beside them, for executors that bring a job only what its rule names.
        assert snakemake[command].inputs == inputs | {str(path) for path in job.input_records.values()}, command
        folders = {path for path in dvc[command].inputs if path.endswith("/")}
        single = dvc[command].inputs - folders
        # A fan-in's list is over folders: every listed file lies in one of them, and each of them is needed.
        rest = {path for path in inputs if path not in single}
        assert single <= inputs and all(path.startswith(tuple(folders)) for path in rest), command
        assert all(any(path.startswith(folder) for path in rest) for folder in folders - unlisted(job)), command


def unlisted(job: Job) -> set[str]:
    """Folders of fan-ins that the study lists no model for: DVC wants them to be there all the same."""
    empty = [reference for name, reference in job.stage.inputs.items() if job.inputs[name] == {}]
    return {f"results/{job.study.name}/{source(reference)[0].folder}/" for reference in empty}


def test_parameters_are_the_same(wanted, dvc, snakemake) -> None:
    for command, job in wanted.items():
        leaves = {"code", *job.parameters}
        assert snakemake[command].parameters == {"planned", "sources", *leaves}, command
        declared = dvc[command].parameters
        uncovered = {leaf for leaf in leaves if not any(leaf == key or leaf.startswith(f"{key}.") for key in declared)}
        unused = {key for key in declared if not any(leaf == key or leaf.startswith(f"{key}.") for leaf in leaves)}
        assert (uncovered, unused) == (set(), set()), command


def test_rules_ask_for_what_the_registry_says(wanted, snakemake) -> None:
    """A GPU for what runs a model and nothing else; memory for everything."""
    for command, job in wanted.items():
        asked = {"cpu": 1, "gpu": int(job.stage.runs_model), "mem_mb": memory(job, gpu=True)}
        asked["gpu_mem_mb"] = gpu_memory(job)
        assert snakemake[command].asks == asked, command


def test_the_comparison_can_fail(wanted, dvc) -> None:
    """A defect fed to it is seen: a parameter that one engine does not know of."""
    command, job = next((command, job) for command, job in wanted.items() if job.axes.get("attack") == "occlusion")
    assert "attack.radius" in job.parameters and "attack.radius" in dvc[command].parameters
    assert "attack.noise.clip" not in dvc[command].parameters
