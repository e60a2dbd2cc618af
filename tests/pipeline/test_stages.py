"""Stage commands alone, as copied from an engine's output: bad input, kills, and what is left behind."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import engines
import h5py
import pytest
from project import ROOT, Project

from ineq.config.study import load_study
from ineq.planning.jobs import job

RESULTS = "results/tiny"
BOTH = ("--model", "standard", "--method", "integrated_gradients")


def stage(project: Project, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return project.run("python", f"workflow/scripts/{name}.py", *arguments, check=False)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def foreign(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["maps"] = [1.0]


def other_architecture(project: Project) -> None:
    for model in ("standard", "pruned"):
        project.change({"architecture.width": 8}, f"models/tiny/{model}.yaml")


BAD = {
    "unknown model": (
        None,
        "attribute",
        ("--model", "standart", "--method", "integrated_gradients"),
        r"did you mean 'standard'\?",
    ),
    "unknown method": (
        None,
        "attribute",
        ("--model", "standard", "--method", "integrated"),
        "unknown method 'integrated'",
    ),
    "map not in the study": (
        None,
        "attack",
        ("--model", "linf-0.3", "--method", "input_x_gradient", "--attack", "noise"),
        r"'maps\.input_x_gradient' does not name model 'linf-0\.3'",
    ),
    "misspelled key": (
        lambda p: p.change({"attack.raduis": 3}),
        "attack",
        (*BOTH, "--attack", "occlusion"),
        r"unknown key 'attack\.raduis'; did you mean 'radius'",
    ),
    "truncated maps": (
        lambda p: truncate(p.root / RESULTS / "attribute/standard/integrated_gradients/maps.h5"),
        "inequality",
        BOTH,
        r"maps\.h5 is not the file that its record names: rerun the stage 'attribute'",
    ),
    "foreign maps": (
        lambda p: foreign(p.root / RESULTS / "attribute/standard/integrated_gradients/maps.h5"),
        "inequality",
        BOTH,
        r"maps\.h5 is not the file that its record names: rerun the stage 'attribute'",
    ),
    "another architecture": (
        other_architecture,
        "predict",
        ("--model", "standard"),
        r"checkpoint\.safetensors.*width.*8",
    ),
    "truncated checkpoint": (
        lambda p: truncate(p.root / RESULTS / "models/standard/checkpoint.safetensors"),
        "predict",
        ("--model", "standard"),
        r"checkpoint\.safetensors.*rerun the stage 'train'",
    ),
    "too large a sample": (
        lambda p: p.change({"sample.size": 799}),
        "sample",
        (),
        r"only \d+ images are classified correctly .*expected 799.*'standard'",
    ),
    "missing input": (
        lambda p: (p.root / RESULTS / "sample/sample.h5").unlink(),
        "attribute",
        BOTH,
        r"sample/sample\.h5 is missing: run the stage that writes it",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence_and_changes_nothing(after_snakemake: Project, name: str) -> None:
    spoil, script, arguments, sentence = BAD[name]
    if spoil:
        spoil(after_snakemake)
    before = after_snakemake.results()
    done = stage(after_snakemake, script, *arguments)
    assert done.returncode == 2, done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith(f"{script}: "), done.stderr
    assert re.search(sentence, lines[0]), lines[0]
    assert after_snakemake.results() == before
    assert not list((after_snakemake.root / RESULTS / ".tmp").glob("*"))


def test_both_engines_say_the_sentence_and_run_nothing(after_snakemake: Project, after_dvc: Project) -> None:
    for project in (after_snakemake, after_dvc):
        project.change({"attack.radius": -1})
    done = after_snakemake.run("snakemake", "--cores", "8", "all", check=False)
    assert done.returncode == 2
    assert "'attack.radius' is -1, but should be greater than or equal to 1" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    before = after_dvc.results()
    done = after_dvc.run("dvc", "repro", check=False)
    assert done.returncode != 0
    assert "'attack.radius' is -1" in done.stdout + done.stderr and "Traceback" not in done.stdout + done.stderr
    # Checked before DVC removes any output, as it does of a stage that it is about to run.
    assert after_dvc.results() == before


def test_an_undeclared_parameter_can_not_be_read(after_snakemake: Project) -> None:
    module = after_snakemake.root / "src/ineq/stages/sample.py"
    module.write_text(module.read_text().replace('run["sample.seed"]', 'run["attack.radius"]'))
    done = stage(after_snakemake, "sample")
    assert done.returncode == 1
    assert "stage 'sample' reads 'attack.radius' without declaring it" in done.stderr


def test_parameters_that_changed_since_the_engine_planned_are_refused(after_snakemake: Project) -> None:
    before = after_snakemake.results()
    planned = job(load_study(after_snakemake.root), "sample").parameters_digest
    assert stage(after_snakemake, "sample", "--planned", planned).returncode == 0
    engines.change_yaml(after_snakemake.root / "params.yaml", {"sample.seed": 7})
    done = stage(after_snakemake, "sample", "--planned", planned)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "params.yaml, or a model's card, has changed since this job was planned" in done.stderr
    assert after_snakemake.results() == before


@pytest.mark.parametrize("key, code", [("sample.seed", 2), ("attack.radius", 0), ("sample.seed planned", 0)])
def test_parameters_that_change_while_a_job_runs(after_dvc: Project, key: str, code: int) -> None:
    """DVC reads them again after a job, and would take its result for one of those; a job that uses none may go on.

    Snakemake remembers what it has planned, and so a result of just that is worth keeping.
    """
    before, (key, *planned) = after_dvc.results(), key.split()
    digest = job(load_study(after_dvc.root), "sample").parameters_digest
    here = str(ROOT / "tests")
    edit = f"import sys; sys.path.append({here!r}); import engines, pathlib"
    change = f"engines.change_yaml(pathlib.Path('params.yaml'), {{{key!r}: 1}})"
    module = after_dvc.root / "src/ineq/stages/sample.py"
    module.write_text(f"{module.read_text().rstrip()}\n    {edit}\n    {change}\n")
    done = stage(after_dvc, "sample", *(["--planned", digest] if planned else []))
    assert done.returncode == code and "Traceback" not in done.stderr
    assert ("has changed while this job ran, and nothing was written" in done.stderr) == bool(code)
    artefacts = {name: content for name, content in after_dvc.results().items() if "record" not in name}
    assert artefacts == {name: content for name, content in before.items() if "record" not in name}


EPOCHS = 24
"""Enough that a training is not over before a busy machine has sent the signal."""


def start_training(project: Project) -> subprocess.Popen[str]:
    command = [sys.executable, "workflow/scripts/train.py", "--model", "linf-0.3"]
    return subprocess.Popen(command, cwd=project.root, env=project.environment(), stderr=subprocess.PIPE, text=True)


def interrupted(project: Project, kind: signal.Signals, epoch: int) -> int:
    """Train, and send a signal after an epoch; the exit status."""
    process = start_training(project)
    assert process.stderr
    for line in process.stderr:
        if (found := re.search(rf"epoch (\d+)/{EPOCHS}", line)) and int(found[1]) >= epoch:
            process.send_signal(kind)
            break
    process.communicate()
    return process.returncode


def test_killed_training_goes_on_and_gives_the_same_bytes(run_by_snakemake: Project, tmp_path: Path) -> None:
    disturbed, undisturbed = (run_by_snakemake.copy(tmp_path / name) for name in ("disturbed", "undisturbed"))
    for project in (disturbed, undisturbed):
        project.change({"train.epochs": EPOCHS})
    before = disturbed.results()
    assert interrupted(disturbed, signal.SIGKILL, 3) == -9
    assert interrupted(disturbed, signal.SIGINT, 8) == 130
    assert disturbed.results() == before, "nothing half-written under a final name"
    assert stage(undisturbed, "train", "--model", "linf-0.3").returncode == 0
    again = stage(disturbed, "train", "--model", "linf-0.3")
    assert "training goes on after epoch" in again.stderr and f"epoch 7/{EPOCHS}" not in again.stderr
    assert disturbed.results() == undisturbed.results() != before
    assert not list((disturbed.root / ".ineq/state").rglob("train-*"))


SITE = """
import atexit, os, sys, time
os.sched_getaffinity = lambda pid: {0, 1}
if any(word.startswith("workflow/scripts/") for word in sys.orig_argv):
    began = time.time()
    atexit.register(lambda: open("times", "a").write(f"{began} {time.time()}\\n"))
"""


def test_no_more_jobs_at_once_than_cores(after_snakemake: Project) -> None:
    """`--cores 8` asks for eight; two real cores are pretended, and every job writes down when it ran."""
    for folder in ("inequality", "attack"):
        shutil.rmtree(after_snakemake.root / RESULTS / folder)
    (after_snakemake.root / "sitecustomize.py").write_text(SITE)
    # What `sitecustomize` does is done by processes of their own.
    after_snakemake.extra["INEQ_WARM"] = "0"
    after_snakemake.extra["PYTHONPATH"] = f"{after_snakemake.root / 'src'}{os.pathsep}{after_snakemake.root}"
    after_snakemake.snakemake()
    spans = [tuple(map(float, line.split())) for line in (after_snakemake.root / "times").read_text().splitlines()]
    assert len(spans) == 17  # 4 maps, each measured and attacked twice, then tables, paper, figures, gallery and report
    assert max(sum(began <= moment < ended for began, ended in spans) for moment, _ in spans) == 2


def test_metrics_are_numbers_and_experiments_compare(after_dvc: Project) -> None:
    """The verbatim command, in a checkout where `dvc repro` has run."""
    before = after_dvc.results()
    said = after_dvc.run("dvc", "exp", "run", "-S", "attack.radius=20", timeout=500)
    ran = {line.split("workflow/scripts/")[1] for line in said.stdout.splitlines() if "> python" in line}
    rerun = {"attack", "random_attack", "sensitivity", "tables", "paper", "figures", "gallery", "report"}
    assert {name.split(".py")[0] for name in ran} == {*rerun, "list_code", "list_inputs"}
    assert "list_inputs.py --stage tables" in ran and "list_inputs.py --stage sample" not in ran
    assert "radius 20 covers the whole image, so the largest budgets show chance" in said.stderr
    assert "what remains is chance" in (after_dvc.root / RESULTS / "tables/summary.md").read_text()
    after = after_dvc.results()
    changed = {path.split("/")[0] for path in before if before[path] != after[path]}
    assert changed == {*rerun, "report.html"}

    metrics = json.loads(after_dvc.run("dvc", "metrics", "show", "--json").stdout)
    data = (
        next(iter(metrics.values()))["data"] if "data" in metrics else next(iter(metrics[""]["data"].values()))["data"]
    )
    for model in ("standard", "linf-0.3"):
        found = data[model]["integrated_gradients"]
        assert 0 < found["gini_global"] < 1 and 0 <= found["noise"]["replace"]["important"] <= 1
        assert 0 <= found["occlusion"]["black"]["important"] <= 1

    shown = json.loads(after_dvc.run("dvc", "exp", "show", "--json").stdout)
    radii = {str(value) for value in find(shown, "radius")}
    assert {"2", "20"} <= radii
    assert len(find(shown, "important_minus_random")) >= 2


def find(node: object, key: str) -> list:
    """Every value of a key, wherever in nested lists and dicts."""
    if isinstance(node, dict):
        return [value for name, value in node.items() if name == key] + [
            x for value in node.values() for x in find(value, key)
        ]
    return [x for value in node for x in find(value, key)] if isinstance(node, list) else []
