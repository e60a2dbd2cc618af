"""Whether a model is what it is said to be: an accuracy near chance has a reason, and most are easily told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from scipy.optimize import linear_sum_assignment

from ineq.data.checks import as_images
from ineq.data.dataset import Split, read_split
from ineq.data.draws import generator
from ineq.device import device
from ineq.models.checkpoint import load_checkpoint
from ineq.models.forward import predict_labels
from ineq.models.normalized import Normalized
from ineq.statistics.intervals import share_interval

TRIED = 100
"""Images that other normalisations are tried on."""
GAIN = 0.1
"""Share of images by which another reading has to do better to be named."""
SHUFFLES = 20
NEAR = 2.0
"""Accuracy below so many times chance is near it."""
SPACES: Mapping[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "none (mean 0, std 1)": ((0.0,), (1.0,)),
    "[-1, 1] (mean 0.5, std 0.5)": ((0.5,), (0.5,)),
    "[0, 255] (mean 0, std 1/255)": ((0.0,), (1 / 255,)),
    "ImageNet's": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "CIFAR-10's": ((0.4914, 0.4822, 0.4465), (0.247, 0.2435, 0.2616)),
}


@dataclass(frozen=True)
class Diagnosis:
    """Accuracy on the split, whether it is near chance, and what else would do better, in sentences."""

    accuracy: float
    near_chance: bool
    hints: tuple[str, ...]


def diagnose(predictions: pd.DataFrame, data: Path, checkpoint: Path, card: Mapping[str, Any]) -> Diagnosis:
    """What speaks against a model's class order or normalisation, from its predictions on a split.

    `predictions` has columns `label` and `prediction`; `data` and `checkpoint` are the stages' files.
    """
    labels, predicted = predictions["label"].to_numpy(), predictions["prediction"].to_numpy()
    classes = card["architecture"]["classes"]
    right = int((labels == predicted).sum())
    # Wilson's lower end: on few images an accuracy can be above chance by chance.
    near = share_interval(right, len(labels)).low < NEAR / classes
    split = read_split(data, "test")
    hints = [*_class_order(labels, predicted, classes, split), *_spaces(labels, split, checkpoint, card)]
    return Diagnosis(right / len(labels), near, tuple(hints))


def _class_order(labels: np.ndarray, predicted: np.ndarray, classes: int, split: Split) -> Iterator[str]:
    """Whether another numbering of the classes makes many more predictions right."""
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (labels, predicted), 1)
    rows, columns = linear_sum_assignment(counts, maximize=True)
    before, after = np.trace(counts) / len(labels), counts[rows, columns].sum() / len(labels)
    # Of many classes the shuffles take long, so only where they can decide.
    if after - before < GAIN or after - before < GAIN + _by_luck(counts):
        return
    other = rows != columns
    moved = [
        f"{split.classes[row]} is its class {column}" for row, column in zip(rows[other], columns[other], strict=True)
    ]
    yield (
        f"another order of the classes would make {after:.0%} of predictions right instead of {before:.0%} "
        f"({', '.join(moved[:5])}{', …' * (len(moved) > 5)}): classes are numbered by the names of their folders"
    )


def _by_luck(counts: np.ndarray) -> float:
    """What choosing the best order gains where predictions say nothing of labels: the most in some shuffles."""
    labels, predicted = (np.repeat(np.arange(len(counts)), counts.sum(axis=axis)) for axis in (1, 0))
    draws, gains = generator(0, "class orders"), []
    for _ in range(SHUFFLES):
        shuffled = np.zeros_like(counts)
        np.add.at(shuffled, (labels, draws.permutation(predicted)), 1)
        rows, columns = linear_sum_assignment(shuffled, maximize=True)
        gains.append((shuffled[rows, columns].sum() - np.trace(shuffled)) / len(labels))
    return max(gains)


def _spaces(labels: np.ndarray, split: Split, checkpoint: Path, card: Mapping[str, Any]) -> Iterator[str]:
    """Whether another normalisation, or the channels the other way round, do much better on some images."""
    places = np.sort(generator(0, "diagnosed images").permutation(len(labels))[:TRIED])
    shown = np.concatenate([split.images[place : place + 1] for place in places.tolist()])
    images, truth = as_images(shown, device()), labels[places]
    model = load_checkpoint(checkpoint, architecture=card["architecture"], normalisation=card["normalisation"])
    model = model.to(device())

    def accuracy(space: Mapping[str, Any], pixels: torch.Tensor) -> float:
        other = Normalized(model.network, space["mean"], space["std"]).eval().to(device())
        return float((predict_labels(other, pixels, TRIED) == truth).mean())

    card_space = card["normalisation"]
    channels, tried = len(card_space["mean"]), {}
    for name, (mean, std) in SPACES.items():
        if len(mean) in (1, channels):
            tried[name] = accuracy({"mean": _spread(mean, channels), "std": _spread(std, channels)}, images)
    if channels > 1:
        tried["the same, with the channels in the order BGR"] = accuracy(card_space, images.flip(1))
    best, before = max(tried, key=lambda name: tried[name]), accuracy(card_space, images)
    if tried[best] - before >= GAIN:
        yield (
            f"with another normalisation, {best}, {tried[best]:.0%} of {len(truth)} images are right instead of "
            f"{before:.0%}: --mean and --std say what the model subtracts and divides by"
        )


def _spread(values: tuple[float, ...], channels: int) -> list[float]:
    return [*values] * channels if len(values) == 1 else [*values]
