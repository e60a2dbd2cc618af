"""Where a result comes from, and what has changed since: each kind of change is named. And a study is cleaned away."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from project import Project

from ineq.config.study import load_study
from ineq.provenance import code
from ineq.provenance.explain import explain

GINI = "results/tiny/inequality/standard/integrated_gradients/inequality.csv"


MAPS = "results/tiny/attribute/standard/integrated_gradients/maps.h5"


def changed(project: Project, file: str = GINI) -> list[str]:
    return json.loads(project.run("ineq", "explain", file, "--json").stdout)["changed"]


def test_a_result_tells_where_it_comes_from(run_by_snakemake: Project) -> None:
    found = json.loads(run_by_snakemake.run("ineq", "explain", GINI, "--json").stdout)
    assert found["changed"] == []
    assert found["stage"] == "inequality" and found["axes"] == {"model": "standard", "method": "integrated_gradients"}
    assert found["before"][0] == "attribute standard/integrated_gradients" and "data" in found["before"]
    assert found["parameters"]["inequality.region"] == 2 and "numpy" in found["code"]["packages"]
    assert found["run"]["processor"] and found["run"]["cores"] >= 1 and found["run"]["peak_memory_gb"] > 0.05
    maps = json.loads(run_by_snakemake.run("ineq", "explain", MAPS, "--json").stdout)
    assert maps["arithmetic"] == {
        "precisions": ["float32"],
        "deterministic_algorithms": True,
        "cudnn_benchmark": False,
        "not_deterministic": [],
    }
    assert maps["run"]["instructions"] == torch.backends.cpu.get_cpu_capability()
    assert found["arithmetic"] == {}, "it runs no model"
    assert "computed in float32\n" in run_by_snakemake.run("ineq", "explain", MAPS).stdout
    text = run_by_snakemake.run("ineq", "explain", GINI).stdout
    assert "Nothing has changed since" in text and "inequality.py --model standard" in text


def keeper(project: Project) -> Callable[[], None]:
    """What puts every file back as it is now."""
    saved = {path: path.read_bytes() for path in project.root.rglob("*") if path.is_file() and ".git" not in path.parts}

    def put_back() -> None:
        for path, content in saved.items():
            if path.read_bytes() != content:
                path.write_bytes(content)

    return put_back


def test_each_kind_of_change_is_named(after_snakemake: Project) -> None:
    """A parameter, the code, the data, a card, and a file that somebody edited."""
    project = after_snakemake
    put_back = keeper(project)
    project.change({"inequality.region": 4})
    assert changed(project) == [
        "inequality standard/integrated_gradients: parameters differ: inequality.region was 2, expected 4"
    ]
    put_back()
    project.change({"attribution.seed": 5})
    assert changed(project) == [
        "attribute standard/integrated_gradients: parameters differ: attribution.seed was 0, expected 5"
    ], "of a job before it"
    put_back()
    measures = project.root / "src/ineq/inequality/measures.py"
    measures.write_text(measures.read_text() + "\nEXTRA = 1\n")
    assert changed(project) == [
        "inequality standard/integrated_gradients: code differ: modules.ineq.inequality.measures"
    ]
    put_back()
    data = project.root / "data/digits.md"
    data.write_text(data.read_text() + "\nmore\n")
    assert changed(project) == ["data: data/digits.md is not the file that the record names"]
    put_back()
    project.change({"train.seed": 9}, "models/tiny/linf-0.3.yaml")
    other = GINI.replace("standard", "linf-0.3")
    assert changed(project, other) == ["train linf-0.3: parameters differ: card.train.seed was 0, expected 9"]
    put_back()
    table = project.root / GINI
    table.write_text(table.read_text() + "\n")
    assert changed(project) == [
        f"inequality standard/integrated_gradients: {GINI} is not the file that the record names"
    ]
    put_back()
    assert changed(project) == []


def test_another_version_of_a_package_is_named(run_by_snakemake: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    version = code._version
    monkeypatch.setattr(code, "_version", lambda name: "1.0" if name == "numpy" else version(name))
    monkeypatch.chdir(run_by_snakemake.root)
    reasons = explain(load_study(), Path(GINI))["changed"]
    assert reasons[0].startswith("inequality standard/integrated_gradients: code differ: packages.numpy was ")
    assert all("packages.numpy" in reason for reason in reasons)


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        ("README.md", "README.md is made by no job of study 'tiny', expected a file below results/"),
        ("results/digits/tables/gini.csv", "it is of study 'digits': `ineq study use digits` first"),
        ("results/tiny/nothing.csv", "is made by no job of study 'tiny'"),
        ("../elsewhere.csv", "is made by no job of study 'tiny'"),
    ],
)
def test_what_cannot_be_explained_is_one_sentence(run_by_snakemake: Project, file: str, sentence: str) -> None:
    done = run_by_snakemake.run("ineq", "explain", file, check=False)
    assert done.returncode == 2 and sentence in done.stderr and "Traceback" not in done.stderr


def test_a_file_that_is_gone_is_one_sentence(after_snakemake: Project) -> None:
    (after_snakemake.root / GINI).unlink()
    done = after_snakemake.run("ineq", "explain", GINI, check=False)
    assert done.returncode == 2 and f"{GINI} is not there" in done.stderr


def test_cleaning_removes_one_studys_results_and_nothing_else(after_snakemake: Project) -> None:
    root = after_snakemake.root
    others = ["results/other/a.csv", ".stale/results/other/b.csv", ".ineq/state/other/c"]
    own = [".stale/results/tiny/b.csv", ".ineq/state/tiny/train-standard"]
    for name in others + own:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")

    def files() -> set[str]:
        found = (path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        return {str(path.relative_to(root)) for path in found}

    before = files()
    after_snakemake.run("ineq", "study", "clean", "tiny")
    gone = before - files()
    assert gone == {name for name in before if name.startswith(("results/tiny/", ".stale/results/tiny/", own[1]))}
    assert all((root / name).exists() for name in others) and not (root / "results/tiny").exists()
    done = after_snakemake.run("ineq", "study", "clean", "tinny", check=False)
    assert done.returncode == 2 and "tiny" in done.stderr and files() == before - gone
