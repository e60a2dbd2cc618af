"""Both engines have the same jobs: command, inputs, outputs and parameters, job by job, and as the registry says."""

from __future__ import annotations

from pathlib import Path

import engines
import pytest

from ineq.config.study import load_study
from ineq.pipeline.estimate import memory
from ineq.pipeline.gpus import needs_gpu
from ineq.pipeline.jobs import Job, jobs

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wanted() -> dict[str, Job]:
    return {job.command: job for job in jobs(load_study(ROOT))}


@pytest.fixture(scope="module")
def dvc() -> dict[str, engines.EngineJob]:
    return engines.from_dvc(ROOT)


@pytest.fixture(scope="module")
def snakemake() -> dict[str, engines.EngineJob]:
    return engines.from_snakemake(ROOT)


def test_both_engines_have_the_registrys_jobs(wanted, dvc, snakemake) -> None:
    assert len(wanted) == 74
    assert set(dvc) == set(snakemake) == set(wanted)


def test_outputs_are_the_same(wanted, dvc, snakemake) -> None:
    for command, job in wanted.items():
        outputs = {str(path) for path in job.outputs.values()}
        assert dvc[command].outputs == snakemake[command].outputs == outputs, command


def test_inputs_are_the_same(wanted, dvc, snakemake) -> None:
    for command, job in wanted.items():
        inputs = {str(path) for path in job.input_files}
        assert snakemake[command].inputs == inputs, command
        folders = {path for path in dvc[command].inputs if path.endswith("/")}
        single = dvc[command].inputs - folders
        # A fan-in's list is over folders: every listed file lies in one of them, and each of them is needed.
        rest = {path for path in inputs if path not in single}
        assert single <= inputs and all(path.startswith(tuple(folders)) for path in rest), command
        assert all(any(path.startswith(folder) for path in rest) for folder in folders), command


def test_parameters_are_the_same(wanted, dvc, snakemake) -> None:
    for command, job in wanted.items():
        leaves = {"code", *job.parameters}
        assert snakemake[command].parameters == leaves, command
        declared = dvc[command].parameters
        uncovered = {leaf for leaf in leaves if not any(leaf == key or leaf.startswith(f"{key}.") for key in declared)}
        unused = {key for key in declared if not any(leaf == key or leaf.startswith(f"{key}.") for leaf in leaves)}
        assert (uncovered, unused) == (set(), set()), command


def test_rules_ask_for_what_the_registry_says(wanted, snakemake) -> None:
    """A GPU for what runs a model and nothing else; memory for everything."""
    for command, job in wanted.items():
        asked = {"cpu": 1, "gpu": int(needs_gpu(job.stage)), "mem_mb": memory(job)}
        assert snakemake[command].asks == asked, command


def test_the_comparison_can_fail(wanted, dvc) -> None:
    """A defect fed to it is seen: a parameter that one engine does not know of."""
    command, job = next((command, job) for command, job in wanted.items() if job.stage.name == "occlusion")
    assert "attack.radius" in job.parameters and "attack.radius" in dvc[command].parameters
    assert "attack.noise.clip" not in dvc[command].parameters
