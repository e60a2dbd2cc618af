"""Stage commands alone, as a person would copy them from an engine's output: bad input, kills, and what is left behind."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import h5py
import pytest
from conftest import Project

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
    project.change({"architecture.width": 8}, "models/tiny/standard.yaml")


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
        "noise",
        ("--model", "linf-0.3", "--method", "input_x_gradient"),
        r"'maps\.input_x_gradient' does not name model 'linf-0\.3'",
    ),
    "misspelled key": (
        lambda p: p.change({"attack.raduis": 3}),
        "occlusion",
        BOTH,
        r"unknown key 'attack\.raduis'; did you mean 'radius'",
    ),
    "truncated maps": (
        lambda p: truncate(p.root / RESULTS / "attribute/standard/integrated_gradients/maps.h5"),
        "inequality",
        BOTH,
        r"maps\.h5 is not a readable HDF5 file .*rerun the stage 'attribute'",
    ),
    "foreign maps": (
        lambda p: foreign(p.root / RESULTS / "attribute/standard/integrated_gradients/maps.h5"),
        "inequality",
        BOTH,
        r"maps\.h5 was written by stage 'unknown', wanted 'attribute'",
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
        r"only \d+ images are classified correctly .*wanted 799.*'standard'",
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
    # DVC removes a stage's outputs before it runs it; nothing else is touched, and nothing half-written is left.
    after = after_dvc.results()
    assert all(after[path] == before[path] for path in after)
    assert all(path.startswith("occlusion/") for path in set(before) - set(after))


def test_an_undeclared_parameter_can_not_be_read(after_snakemake: Project) -> None:
    script = after_snakemake.root / "workflow/scripts/inequality.py"
    script.write_text(script.read_text().replace('run["inequality.region"]', 'run["attack.radius"]'))
    done = stage(after_snakemake, "inequality", *BOTH)
    assert done.returncode == 1
    assert "stage 'inequality' reads 'attack.radius' without declaring it" in done.stderr


def test_a_radius_that_covers_everything_is_a_warning(after_snakemake: Project) -> None:
    after_snakemake.change({"attack.radius": 20})
    done = stage(after_snakemake, "occlusion", *BOTH)
    assert done.returncode == 0 and "warning: radius 20 covers the whole image" in done.stderr
    after_snakemake.snakemake()
    assert "what remains is chance" in (after_snakemake.root / RESULTS / "tables/summary.md").read_text()


def start_training(project: Project) -> subprocess.Popen[str]:
    command = [sys.executable, "workflow/scripts/train.py", "--model", "linf-0.3"]
    return subprocess.Popen(command, cwd=project.root, env=project.environment(), stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("kind", [signal.SIGKILL, signal.SIGINT])
def test_killed_training_goes_on_and_gives_the_same_bytes(run_by_snakemake: Project, tmp_path: Path, kind: int) -> None:
    disturbed, undisturbed = (run_by_snakemake.copy(tmp_path / name) for name in ("disturbed", "undisturbed"))
    folder = Path(RESULTS, "models/linf-0.3")
    for project in (disturbed, undisturbed):
        project.change({"train.epochs": 12})
    before = {path.name: path.read_bytes() for path in (disturbed.root / folder).iterdir()}
    process = start_training(disturbed)
    assert process.stderr
    for line in process.stderr:
        if "epoch 4/12" in line:
            break
    process.send_signal(kind)
    process.wait()
    process.stderr.close()
    assert process.returncode == (-9 if kind == signal.SIGKILL else 130)
    assert {path.name: path.read_bytes() for path in (disturbed.root / folder).iterdir()} == before
    assert stage(undisturbed, "train", "--model", "linf-0.3").returncode == 0
    again = stage(disturbed, "train", "--model", "linf-0.3")
    assert "training goes on after epoch" in again.stderr and "epoch 3/12" not in again.stderr
    for name in before:
        assert (disturbed.root / folder / name).read_bytes() == (undisturbed.root / folder / name).read_bytes()
    assert not list((disturbed.root / ".ineq/state").rglob("train-*"))


def test_no_more_jobs_at_once_than_cores(fresh: Project) -> None:
    """`--cores 8` asks for eight; two real cores are pretended, and every job logs when it ran."""
    (fresh.root / "sitecustomize.py").write_text("import os; os.sched_getaffinity = lambda pid: {0, 1}\n")
    logger = (
        "\nimport atexit as _a, time as _t\n_from = _t.time()\n"
        "_a.register(lambda: open('times', 'a').write(f'{_from} {_t.time()}\\n'))\n"
    )
    for script in (fresh.root / "workflow/scripts").glob("[!l]*.py"):
        script.write_text(script.read_text().replace("\nfrom ", logger + "from ", 1))
    fresh.change({"maps.input_x_gradient": [], "attack.draws": 1})
    fresh.extra["PYTHONPATH"] = f"{fresh.root / 'src'}:{fresh.root}"
    fresh.snakemake()
    spans = [tuple(map(float, line.split())) for line in (fresh.root / "times").read_text().splitlines()]
    assert len(spans) == 15
    busiest = max(sum(start <= moment < end for start, end in spans) for moment, _ in spans)
    assert busiest == 2


def test_metrics_are_numbers_and_experiments_compare(after_dvc: Project) -> None:
    """The verbatim command, in a checkout where `dvc repro` has run."""
    before = after_dvc.results()
    said = after_dvc.run("dvc", "exp", "run", "-S", "attack.radius=20", timeout=500).stdout
    ran = {line.split("workflow/scripts/")[1] for line in said.splitlines() if "> python" in line}
    assert {name.split(".py")[0] for name in ran} == {"occlusion", "tables", "list_inputs"}
    assert {name for name in ran if "list_inputs" in name} == {"list_inputs.py --stage tables"}
    after = after_dvc.results()
    changed = {path.split("/")[0] for path in before if before[path] != after[path]}
    assert changed == {"occlusion", "tables"}

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
