"""A model that is not what it is said to be: another class order, another normalisation, or nothing learnt."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from ineq.auditing.diagnosis import Diagnosis, _class_order, diagnose
from ineq.data.dataset import Dataset, write_dataset
from ineq.models.checkpoint import save_checkpoint
from ineq.models.normalized import Normalized

CLASSES, COUNT = 4, 80
ARCHITECTURE = {"name": "resnet8", "width": 2, "channels": 3, "classes": CLASSES}


class Corner(torch.nn.Module):
    """Says which corner is the brightest, once the image is normalised as it was for the training: by 0.5 and 0.25."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        corners = images[:, 0][:, [0, 0, -1, -1], [0, -1, 0, -1]]
        # Anything far from what it was trained with saturates it, and the first class wins.
        return torch.where((corners.abs() > 2.5).any(1, keepdim=True), torch.eye(CLASSES)[:1], corners)


@pytest.fixture
def corner(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any checkpoint loads as that network, in the space of its card."""

    def load(path: Path, *, architecture: Any, normalisation: Any) -> Normalized:
        return Normalized(Corner(), normalisation["mean"], normalisation["std"]).eval()

    monkeypatch.setattr("ineq.auditing.diagnosis.load_checkpoint", load)


def diagnosed(folder: Path, predicted: Any, mean: float = 0.5, std: float = 0.25) -> Diagnosis:
    """Of images whose brightest corner is their class; `predicted` makes predictions of labels."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, CLASSES, COUNT)
    images = rng.integers(60, 120, (COUNT, 3, 8, 8)).astype(np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[:, [0, 0, -1, -1][label], [0, -1, 0, -1][label]] = 250
    dataset = Dataset({"test": images}, {"test": labels.astype(np.int64)}, 255, tuple("abcd"))
    write_dataset(folder / "data.h5", dataset, {})
    card = {"architecture": ARCHITECTURE, "normalisation": {"mean": [mean] * 3, "std": [std] * 3}}
    found = predicted(labels)
    return diagnose(pd.DataFrame({"label": labels, "prediction": found}), folder / "data.h5", folder / "none", card)


@pytest.mark.usefixtures("corner")
def test_a_good_model_gets_no_hint(tmp_path: Path) -> None:
    found = diagnosed(tmp_path, lambda labels: labels)
    assert (found.accuracy, found.near_chance, found.hints) == (1.0, False, ())


@pytest.mark.usefixtures("corner")
def test_another_class_order_is_noticed_and_named(tmp_path: Path) -> None:
    found = diagnosed(tmp_path, lambda labels: np.array([1, 0, 3, 2])[labels])
    assert found.near_chance and found.accuracy == 0
    (hint,) = [hint for hint in found.hints if "order" in hint]
    assert "100% of predictions right instead of 0%" in hint and "a is its class 1, b is its class 0" in hint


@pytest.mark.parametrize("pairs", [1, 2])
def test_two_classes_in_each_others_place_are_noticed(pairs: int) -> None:
    """Of ten, on few images, with a model that is wrong on some of them anyway."""
    rng = np.random.default_rng(0)
    labels = np.arange(100) % 10
    said = np.where(rng.random(100) < 0.95, labels, rng.integers(0, 10, 100))
    order = np.arange(10)
    order[: 2 * pairs] = order[: 2 * pairs].reshape(pairs, 2)[:, ::-1].flatten()
    (hint,) = _class_order(labels, order[said], 10, SimpleNamespace(classes="abcdefghij"))  # type: ignore[arg-type]
    assert "a is its class 1, b is its class 0" in hint
    assert not [*_class_order(labels, said, 10, SimpleNamespace(classes="abcdefghij"))]  # type: ignore[arg-type]


@pytest.mark.usefixtures("corner")
def test_another_normalisation_is_noticed_and_named(tmp_path: Path) -> None:
    found = diagnosed(tmp_path, lambda labels: np.zeros_like(labels), mean=0.0, std=1 / 255)
    (hint,) = [hint for hint in found.hints if "normalisation" in hint]
    assert "100% of 80 images are right instead of" in hint and "--mean" in hint


@pytest.mark.usefixtures("corner")
def test_guessing_is_near_chance_and_no_order_of_classes_is_blamed(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    found = diagnosed(tmp_path, lambda labels: rng.integers(0, CLASSES, len(labels)))
    assert found.near_chance and not any("order of the classes" in hint for hint in found.hints)


class Bright(torch.nn.Module):
    """Says whether an image is brighter than the mean that it subtracts, or whether it is more red than blue."""

    def __init__(self, colour: bool = False) -> None:
        super().__init__()
        self.colour = colour

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        channels = images.mean((2, 3))
        found = channels[:, 0] - channels[:, 2] if self.colour else channels.mean(1)
        return torch.stack([-found, found], 1)


def hints(
    folder: Path, monkeypatch: pytest.MonkeyPatch, mean: float, edge: float, count: int = 1000, colour: bool = False
) -> tuple[str, ...]:
    """What is said of `Bright` with that mean, of images whose second class is brighter than an edge, or more blue."""

    def load(path: Path, *, architecture: Any, normalisation: Any) -> Normalized:
        return Normalized(Bright(colour), normalisation["mean"], normalisation["std"]).eval()

    monkeypatch.setattr("ineq.auditing.diagnosis.load_checkpoint", load)
    values = np.random.default_rng(0).uniform(edge - 0.2, edge + 0.2, count)
    images = np.repeat((255 * values).astype(np.uint8)[:, None, None, None], 3, 1).repeat(4, 2).repeat(4, 3)
    labels = (images[:, 0, 0, 0] / 255 > edge).astype(np.int64)
    if colour:
        images[:, 0] = np.where(labels, 100, 150)[:, None, None]
        images[:, 2] = 250 - images[:, 0]
    write_dataset(folder / "data.h5", Dataset({"test": images}, {"test": labels}, 255, ("dark", "bright")), {})
    shown = torch.from_numpy(images / np.float32(255))
    card = {"architecture": {"classes": 2}, "normalisation": {"mean": [mean] * 3, "std": [0.25] * 3}}
    found = load(folder, architecture=None, normalisation=card["normalisation"])(shown).argmax(1).numpy()
    predictions = pd.DataFrame({"label": labels, "prediction": found})
    return diagnose(predictions, folder / "data.h5", folder / "none", card).hints


def test_a_normalisation_that_is_off_by_little_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (hint,) = hints(tmp_path, monkeypatch, 0.53, 0.5)
    assert "[-1, 1]" in hint and "100% of 1000 images are right instead of 9" in hint and "McNemar's exact p" in hint
    # The same on as few images may be chance; and the right one is never found fault with.
    assert hints(tmp_path, monkeypatch, 0.53, 0.5, count=40) == ()
    assert hints(tmp_path, monkeypatch, 0.5, 0.5) == () == hints(tmp_path, monkeypatch, 0.4, 0.4)


@pytest.mark.parametrize("edge", [0.3, 0.7])
def test_the_images_own_mean_is_tried_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edge: float) -> None:
    (hint,) = hints(tmp_path, monkeypatch, 0.5, edge)
    assert "the images' own mean and std" in hint


def test_channels_in_the_other_order_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert any("order BGR" in hint for hint in hints(tmp_path, monkeypatch, 0.5, 0.5, colour=True))


def test_why_a_model_is_refused_is_said() -> None:
    def said(accuracy: float, images: int, near: bool, *found: str) -> str:
        return Diagnosis(accuracy, 0.5, images, near, found).refusal

    assert said(0.9, 1000, False, "odd") == ""
    assert said(0.51, 1000, True).startswith("it is right on 51.0% of 1000 images, chance is 50.0%: its normalisation")
    assert said(0.51, 1000, True, "odd", "even").endswith("chance is 50.0%: odd; even")
    assert said(1, 4, True).endswith("chance is 50.0%: these are too few images to tell")


def test_a_checkpoint_of_a_stage_is_read(tmp_path: Path) -> None:
    from ineq.models.architectures import build

    model = Normalized(build(ARCHITECTURE), [0.5] * 3, [0.25] * 3)
    space = {"mean": [0.5] * 3, "std": [0.25] * 3}
    save_checkpoint(
        tmp_path / "none", model, stage="convert", architecture=ARCHITECTURE, normalisation=space, parameters={}
    )
    assert not diagnosed(tmp_path, lambda labels: labels).near_chance
