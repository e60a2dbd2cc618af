"""A model that is not what it is said to be: another class order, another normalisation, or nothing learnt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from ineq.auditing.diagnosis import Diagnosis, diagnose
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


def test_a_checkpoint_of_a_stage_is_read(tmp_path: Path) -> None:
    from ineq.models.architectures import build

    model = Normalized(build(ARCHITECTURE), [0.5] * 3, [0.25] * 3)
    space = {"mean": [0.5] * 3, "std": [0.25] * 3}
    save_checkpoint(
        tmp_path / "none", model, stage="convert", architecture=ARCHITECTURE, normalisation=space, parameters={}
    )
    assert not diagnosed(tmp_path, lambda labels: labels).near_chance
