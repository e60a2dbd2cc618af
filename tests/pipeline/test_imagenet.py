"""The study `imagenet`, every stage of it, on photographs and checkpoints in the format of robust-models-transfer."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pandas as pd
import pytest
from imagenet_study import CHANGES, MODELS, write_checkpoint, write_images
from project import Project, make_project

RESULTS = "results/imagenet"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A checkout with images and checkpoints, whose sums `ineq study fetch` has written on the cards."""
    made = make_project(tmp_path_factory.mktemp("imagenet") / "project")
    made.run("ineq", "study", "use", "imagenet", "--discard")
    write_images(made.root / "data/imagenet", 24)
    for seed, model in enumerate(MODELS):
        write_checkpoint(made.root / f"models/imagenet/{model}.ckpt", seed)
    made.change(CHANGES)
    said = made.run("ineq", "study", "fetch").stdout
    assert said.count("now stands on its card") == 2
    return made


def artefacts(project: Project) -> dict[str, bytes]:
    """Every artefact's bytes."""
    folder = project.root / RESULTS
    files = [path for path in folder.rglob("*") if path.is_file()]
    named = {path.relative_to(folder): path for path in files}
    return {str(name): path.read_bytes() for name, path in named.items() if not name.parts[0].startswith(".")}


def test_the_whole_study_under_both_engines(project: Project) -> None:
    other = project.copy(Path(f"{project.root}-dvc"))
    project.snakemake()
    assert project.planned_by_snakemake() == set()
    found = artefacts(project)
    models = pd.read_csv(project.root / RESULTS / "tables/models.csv").set_index("model")
    assert models["claimed"].to_dict() == pytest.approx({"resnet18-standard": 0.6979, "resnet18-linf-4": 0.5249})
    assert set(models["accuracy"]) <= {0, 1 / 24, 2 / 24}, "untrained networks"
    gini = pd.read_csv(project.root / RESULTS / "tables/gini.csv").query("measure == 'gini_global'")
    assert len(gini) == 6 and gini["mean"].between(0.3, 0.9).all()
    record = json.loads(found[f"models/{MODELS[0]}/record.json"])
    assert record["stage"] == "convert" and list(record["inputs"]) == [f"models/imagenet/{MODELS[0]}.ckpt"]
    other.run("dvc", "repro")
    assert artefacts(other) == found


@pytest.mark.parametrize("engine", [("snakemake", "--cores", "2", "all"), ("dvc", "repro")])
def test_what_is_missing_is_said_before_anything_runs(engine: tuple[str, ...], tmp_path: Path) -> None:
    fresh = make_project(tmp_path / "project")
    fresh.run("ineq", "study", "use", "imagenet", "--discard")
    done = fresh.run(*engine, check=False)
    assert done.returncode != 0 and not list(fresh.root.glob(f"{RESULTS}/*/*"))
    assert "data/imagenet is missing, which `data` reads" in done.stderr and "ineq study fetch" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_full_study_is_planned_in_seconds(tmp_path: Path) -> None:
    fresh = make_project(tmp_path / "project")
    fresh.run("ineq", "study", "use", "imagenet", "--discard")
    write_images(fresh.root / "data/imagenet", 3)
    for card in (fresh.root / "models/imagenet").glob("*.yaml"):
        card.with_suffix(".ckpt").touch()
    started = time.monotonic()
    planned = fresh.planned_by_snakemake()
    assert time.monotonic() - started < 60, "15 s on an idle machine: see docs/imagenet.md"
    stages = [name.split()[0] for name in planned]
    assert {stage: stages.count(stage) for stage in ("convert", "attribute", "attack", "random_attack")} == {
        **{"convert": 18, "attribute": 24, "attack": 48},
        "random_attack": 36,
    }
