"""What comes with the project is what its cards say: files, sums, accuracies; and how it is made ready to ship."""

from __future__ import annotations

import shutil
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest
import torch
from ruamel.yaml import YAML

from ineq.config.compose import compose
from ineq.config.loader import load_card
from ineq.config.schema import Parameters
from ineq.data.image_subset import write_image_subset
from ineq.data.sources import SOURCES
from ineq.errors import InputError
from ineq.io.text import file_digest
from ineq.models.imports import measured_accuracy, take_over
from ineq.paper.zeros import zero_shares

ROOT = Path(__file__).resolve().parents[2]
STUDY = Parameters.model_validate(compose(ROOT, "cifar10"))
CARDS = {model: load_card(ROOT, "cifar10", model) for model in STUDY.models}
torch.set_num_threads(1)


@pytest.fixture(scope="module")
def images() -> tuple[np.ndarray, np.ndarray]:
    data = STUDY.data
    found = SOURCES[data.name](ROOT / data.path, data.shape, held_out=data.held_out, seed=data.seed)
    return found.images["test"].astype(np.float32) / np.float32(found.scale), found.labels["test"]


@pytest.mark.parametrize("model", CARDS)
def test_a_shipped_model_is_as_right_as_its_card_says(model: str, images: tuple[np.ndarray, np.ndarray]) -> None:
    card = CARDS[model]
    assert card.origin is not None
    found = measured_accuracy(ROOT / "models/cifar10" / f"{model}.safetensors", card.model_dump(), *images)
    # Another CPU's rounding may turn an image or two.
    assert found == pytest.approx(card.origin.accuracy, abs=2.5 / len(images[1]))


@pytest.mark.parametrize("model", CARDS)
def test_a_card_tells_sum_source_and_training(model: str) -> None:
    card = CARDS[model]
    assert card.origin is not None and "JPEG copy" in card.origin.made and "JPEG copy" in card.licence
    assert file_digest(ROOT / "models/cifar10" / f"{model}.safetensors") == card.origin.sha256
    log = pd.read_csv(ROOT / "models/cifar10" / f"{model}.csv")
    assert log["test_accuracy"].iloc[-1] == pytest.approx(card.origin.accuracy, abs=0.02), "a sample of the same images"
    made = load_card(ROOT, "cifar10-train", model)
    assert made.model_dump(exclude={"origin", "weights"}) == card.model_dump(exclude={"origin", "weights"}), (
        "as the study that trained it says"
    )


def test_another_file_is_refused(tmp_path: Path) -> None:
    card = CARDS["standard"].model_dump()
    with pytest.raises(InputError, match=r"linf-8\.safetensors has the SHA-256 [0-9a-f]{64}, expected [0-9a-f]{64}"):
        take_over(ROOT / "models/cifar10/linf-8.safetensors", tmp_path / "taken", card)
    path = ROOT / "models/cifar10/standard.safetensors"
    wide = {**card, "architecture": {**card["architecture"], "width": 64}}
    with pytest.raises(InputError, match="holds the architecture"):
        take_over(path, tmp_path / "taken", wide)
    assert not list(tmp_path.iterdir())
    take_over(path, tmp_path / "taken", card)
    assert (tmp_path / "taken").read_bytes() == path.read_bytes()


def test_a_pick_is_a_function_of_its_seed_and_grows(tmp_path: Path) -> None:
    source = ROOT / STUDY.data.path
    sizes = {
        name: write_image_subset(source, tmp_path / name, "test", count, 0)
        for name, count in {"a": 5, "b": 5, "c": 9}.items()
    }
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() and sizes["a"] == sizes["b"] < sizes["c"]
    names = {name: set(ZipFile(tmp_path / name).namelist()) for name in sizes}
    assert len(names["a"]) == 5 and names["a"] < names["c"] and len(names["c"]) == 9
    assert ZipFile(tmp_path / "a").read(min(names["a"])) == ZipFile(source).read(min(names["a"]))
    with pytest.raises(InputError, match="has 4500 images of split 'test', expected 4501"):
        write_image_subset(source, tmp_path / "d", "test", 4501, 0)


def test_a_trained_model_is_shipped_with_its_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a study's results into another study's models; what its record does not name is refused."""
    from ineq.config.study import load_study
    from ineq.housekeeping.export import export_models
    from ineq.io.text import write_json

    for name in ("params.yaml", "studies", "data", "models/digits"):
        source, target = ROOT / name, tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.zip")) if source.is_dir() else shutil.copy(
            source, target
        )
    shutil.copy(ROOT / "tests/imported/imported.yaml", tmp_path / "models/digits/standard.yaml")
    _drop(tmp_path / "models/digits/standard.yaml", "origin")
    _drop(tmp_path / "models/digits/standard.yaml", "weights")
    results = tmp_path / "results/digits/models/standard"
    results.mkdir(parents=True)
    shutil.copy(ROOT / "tests/imported/imported.safetensors", results / "checkpoint.safetensors")
    shutil.copy(ROOT / "tests/imported/imported.csv", results / "training.csv")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"checkpoint\.safetensors is not there, or not what its record names"):
        export_models(load_study(tmp_path), ["standard"], "digits-seeds", "for a test")
    name = "results/digits/models/standard/checkpoint.safetensors"
    record = {"stage": "train", "axes": {}, "parameters": {}, "code": {"modules": {}, "packages": {}}, "inputs": {}}
    write_json(results / "record.json", {**record, "outputs": {name: file_digest(tmp_path / name)}})
    for target in ("digits", "../digits", ""):
        with pytest.raises(InputError, match=f"can't be exported to '{target}', expected another study's name"):
            export_models(load_study(tmp_path), ["standard"], target, "for a test", new=True)
    export_models(load_study(tmp_path), ["standard"], "still-to-come", "for a test", new=True)
    assert load_card(tmp_path, "still-to-come", "standard").origin is not None
    export_models(load_study(tmp_path), ["standard"], "digits-seeds", "for a test")
    card = load_card(tmp_path, "digits-seeds", "standard")
    assert card.origin is not None and card.origin.made == "for a test" and card.weights == "import"
    assert card.origin.accuracy is not None and 0.9 < card.origin.accuracy <= 1
    assert card.origin.sha256 == file_digest(tmp_path / "models/digits-seeds/standard.safetensors")


def _drop(path: Path, key: str) -> None:
    content = YAML(typ="safe").load(path)
    content.pop(key)
    YAML().dump(content, path)


@pytest.mark.parametrize(("model", "measure"), [("pruned-filters", "zero_filters"), ("pruned-weights", "zero_weights")])
def test_a_shipped_pruned_model_is_as_sparse_as_its_card_says(model: str, measure: str) -> None:
    card = CARDS[model]
    assert card.pruning is not None
    shares = zero_shares(ROOT / f"models/cifar10/{model}.safetensors", card.architecture.channels)
    assert shares[measure] == pytest.approx(card.pruning.amount, abs=0.01), "each layer's share is rounded"
