"""`ineq audit`, on a model and images that this project did not make, and beside a study's models."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from documented import run_by
from letters import LETTERS, draw_letters, train_letters
from PIL import Image
from project import Project, make_project, with_pretended_gpu

import ineq
from ineq.auditing.engine import allowing
from ineq.config.study import load_study
from ineq.data.dataset import read_split
from ineq.models.job import load_model, untrained_model

OPTIONS = ("--architecture", "my_net:make", "--images", "photos", "--count", "40")
SPACE = ("--mean", "0.2", "--std", "0.3")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A checkout, with somebody's letters and the networks that they trained on them beside it."""
    found = make_project(tmp_path_factory.mktemp("audit") / "project")
    draw_letters(found.root / "photos")
    for name in ("mine", "other"):
        train_letters(found.root / "photos", found.root / "my_net.py", found.root / f"{name}.pt")
    return found


@pytest.fixture(scope="module")
def somebodys_audits(project: Project) -> tuple[str, dict[str, Any]]:
    """What the page's two audits of such a model say: sentences, and with a second one JSON."""
    one, two = (project.run(*shlex.split(command), "--count", "40").stdout for command in run_by("somebodys_audits"))
    return one, json.loads(two)


def test_a_model_and_images_of_somebody_else(project: Project, somebodys_audits: tuple[str, dict[str, Any]]) -> None:
    said, _ = somebodys_audits
    report = project.root / "audits/mine/results/mine/report.html"
    assert f"report: {report.relative_to(project.root)}" in said
    table = pd.read_csv(report.parent / "tables/verdict.csv", keep_default_na=False)
    gini = table[(table["measure"] == "gini_global") & (table["against"] == "untrained")].iloc[0]
    assert f"Gini index over single values: {float(gini['value']):.3f} [" in said
    assert set(table["model"]) == {"audited-mine"} and set(table["against"]) == {"", "untrained"}
    page = report.read_text()
    assert all(line.strip() in page for line in said.splitlines()[1:3])
    assert not (project.root / "results").exists(), "the current study is another matter"
    assert "audits" not in project.run("git", "status", "--short").stdout


def test_the_same_again_runs_nothing_and_says_the_same(
    project: Project, somebodys_audits: tuple[str, dict[str, Any]]
) -> None:
    results = project.root / "audits/mine/results"
    before = {path: path.stat().st_mtime_ns for path in results.rglob("*.csv")}
    assert project.run("ineq", "audit", "mine.pt", *OPTIONS, *SPACE).stdout == somebodys_audits[0]
    assert before == {path: path.stat().st_mtime_ns for path in results.rglob("*.csv")}


def test_on_a_gpu_it_says_the_same(
    project: Project, somebodys_audits: tuple[str, dict[str, Any]], tmp_path: Path
) -> None:
    other = with_pretended_gpu(project.copy(tmp_path / "gpu"))
    shutil.rmtree(other.root / "audits")
    assert other.run("ineq", "audit", "mine.pt", *OPTIONS, *SPACE).stdout == somebodys_audits[0]
    tables = "audits/mine/results/mine/tables/verdict.csv"
    assert (other.root / tables).read_bytes() == (project.root / tables).read_bytes()
    runs = [json.loads(path.read_text()) for path in other.root.glob("audits/mine/results/mine/.runs/*.json")]
    assert any("gpu" in run for run in runs)


def test_a_second_model_is_held_against_the_first(somebodys_audits: tuple[str, dict[str, Any]]) -> None:
    _, found = somebodys_audits
    assert [model["model"] for model in found["models"]] == ["audited-mine", "audited-other"]
    rows = [row for model in found["models"] for row in model["rows"] if row["measure"] == "gini_global"]
    pairs = {(row["model"], row["against"]): row["difference"] for row in rows}
    # The same weights: no difference on any image.
    assert pairs["audited-mine", "audited-other"] == pairs["audited-other", "audited-mine"] == 0


def test_a_wrong_normalisation_is_noticed_and_said(project: Project) -> None:
    # What belongs to images of 0 to 255, on those of 0 to 1.
    command = ("ineq", "audit", "mine.pt", *OPTIONS, "--mean", "51", "--std", "76.5", "--name", "space")
    done = project.run(*command, check=False)
    assert done.returncode == 2 and "with another normalisation" in done.stderr and "Traceback" not in done.stderr


def test_a_wrong_class_order_is_noticed_before_anything_is_computed_with_it(project: Project) -> None:
    root = project.root
    train_letters(root / "photos", root / "my_net.py", root / "turned.pt", LETTERS[::-1])
    done = project.run("ineq", "audit", "turned.pt", *OPTIONS, *SPACE, check=False)
    assert done.returncode == 2 and "another order of the classes" in done.stderr and "A is its class 4" in done.stderr
    assert not (root / "audits/turned/results/turned/attribute").exists()


def test_beside_a_studys_models_on_its_images(project: Project) -> None:
    command, the_same = run_by("test_beside_a_studys_models_on_its_images")
    assert command == the_same, "on both pages"
    tiny_ones = {"cifar10/linf-4": "tiny/imported", "resnet18": "resnet8", "width 16": "width 4", "cifar10": "tiny"}
    for known, tiny in tiny_ones.items():
        command = command.replace(known, tiny)
    done = project.run(*shlex.split(command), "--count", "20", "--json")
    found = json.loads(done.stdout)
    (model,) = found["models"]
    assert model["model"] == "audited-imported" and model["verdict"][0].startswith("In short, beside standard: ")
    rows = {(row["against"], row["measure"]): row for row in model["rows"]}
    assert {against for against, _ in rows} == {"standard", "linf-0.3", "untrained"}
    gini = pd.read_csv(project.root / "audits/imported/results/imported/tables/gini.csv")
    gini = gini[gini["measure"] == "gini_global"].set_index("model")["mean"]
    row = rows["linf-0.3", "gini_global"]
    assert row["value"] == pytest.approx(gini["audited-imported"])
    assert row["difference"] == pytest.approx(gini["audited-imported"] - gini["linf-0.3"])


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ((), "expected either --study NAME or --images FOLDER"),
        (("--study", "tinny"), "unknown study 'tinny'"),
        (("--images", "photos", "--mean", "0.2,x"), "--mean is '0.2,x'"),
        (("--images", "photos", "--mean", "0.2"), "--mean is given without --std"),
        (("--images", "my_net.py"), "is neither a folder nor a readable zip file"),
        (("--images", "photos/A"), "images of 0 classes"),
        (("--images", "photos", "--name", "../other"), "'../other'"),
    ],
)
def test_what_cannot_be_audited(project: Project, options: tuple[str, ...], sentence: str) -> None:
    done = project.run("ineq", "audit", "mine.pt", "-a", "my_net:make", *options, check=False)
    assert done.returncode == 2 and sentence in done.stderr and "Traceback" not in done.stderr


def test_in_memory_it_says_the_same(project: Project, somebodys_audits: tuple[str, dict[str, Any]]) -> None:
    folder = project.root / "audits/mine"
    study = load_study(folder)
    card = study.cards["audited-mine"].model_dump()
    split = read_split(folder / "results/mine/data/data.h5", "test")
    with allowing(["my_net"], [project.root]):
        model, untrained = (
            load_model(folder / "results/mine/models/audited-mine/checkpoint.safetensors", card, {"threads": 1}),
            untrained_model(card, {"threads": 1}),
        )
    audit = ineq.audit(model, split.images[:], split.labels, count=40, untrained=untrained, name="audited-mine")
    columns = ["measure", "setting", "value", "low", "high", "images"]
    table = pd.read_csv(folder / "results/mine/tables/verdict.csv")
    command = table.drop_duplicates(["measure", "attack", "setting"])[columns].reset_index(drop=True)
    memory = audit.summary()[columns].iloc[1:].reset_index(drop=True)
    pd.testing.assert_frame_equal(memory, command, check_dtype=False, atol=1e-6)


def test_images_that_changed_under_their_names_are_audited_anew(project: Project, tmp_path: Path) -> None:
    shutil.copytree(project.root / "photos", tmp_path / "photos")
    options = ("-a", "my_net:make", "--images", str(tmp_path / "photos"), "--quick", "--name", "changed", *SPACE)
    first = project.run("ineq", "audit", "mine.pt", *options)
    assert "replaced" not in first.stderr
    for path in (tmp_path / "photos").rglob("*.png"):
        with Image.open(path) as image:
            image.point(lambda value: value * 0.9).save(path)
    second = project.run("ineq", "audit", "mine.pt", *options)
    assert "audits/changed was an audit of other images: its results will be replaced" in second.stderr
    assert second.stdout != first.stdout


def test_a_refused_audit_leaves_nothing_behind(project: Project, somebodys_audits: tuple[str, dict[str, Any]]) -> None:
    def content() -> dict[Path, bytes]:
        files = [*(project.root / "audits").glob("*/*.yaml"), *(project.root / "audits").glob("*/results/**/*.*")]
        # Logs say when a job ran last.
        return {path: path.read_bytes() for path in files if path.is_file() and ".runs" not in path.parts}

    before = content()
    for name in ("mine", "refused"):
        wrong = ("--mean", "51", "--std", "76.5", "--name", name)
        assert project.run("ineq", "audit", "mine.pt", *OPTIONS, *wrong, check=False).returncode == 2
    assert not [*(project.root / "audits").glob(".*")] and not (project.root / "audits/refused").exists()
    assert before == content()


def test_what_was_edited_is_not_put_back(project: Project, somebodys_audits: tuple[str, dict[str, Any]]) -> None:
    path = project.root / "audits/mine/params.yaml"
    before = path.read_text()
    path.write_text(before.replace("radius: ", "radius: 1  # "))
    edited = path.read_text()
    done = project.run("ineq", "audit", "mine.pt", *OPTIONS, *SPACE, check=False)
    assert done.returncode == 2 and "audits/mine/params.yaml was edited" in done.stderr and path.read_text() == edited
    path.write_text(before)


def test_from_any_folder_and_of_a_file_of_code(project: Project, tmp_path: Path) -> None:
    elsewhere = tmp_path / "my things"
    (elsewhere / "code").mkdir(parents=True)
    shutil.copy(project.root / "my_net.py", elsewhere / "code" / "net.py")
    options = ("-a", "code/net.py:make", "--images", str(project.root / "photos"), "--count", "20", "--quick", *SPACE)
    done = project.run("ineq", "audit", str(project.root / "mine.pt"), *options, cwd=elsewhere)
    assert "this audit takes about" in done.stderr and (elsewhere / "audits/mine/results/mine/report.html").is_file()
