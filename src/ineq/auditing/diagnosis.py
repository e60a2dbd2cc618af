"""Whether a model is what it is said to be: an accuracy near chance has a reason, and most are easily told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from scipy.optimize import linear_sum_assignment
from torch import nn

from ineq.data.checks import as_images
from ineq.data.dataset import Split, read_split
from ineq.data.draws import generator
from ineq.device import device
from ineq.model_audit.answers import LOOKED_AT, chance, chance_sentence, near_chance, near_end, oddities
from ineq.models.checkpoint import load_checkpoint
from ineq.models.forward import batches, predict_labels
from ineq.models.normalized import Normalized, for_each
from ineq.statistics.significance import holm, mcnemar

LOOKS = (100, 400, 1600)
"""After so many images, another normalisation that is behind by then is not tried on more; the others are on all."""
GAIN = 0.1
"""Share of images by which another order of the classes has to do better to be named."""
BEHIND, SURE = 0.5, 0.01
"""p of McNemar's test below which a normalisation is behind, and below which, by Holm, it is better on all images."""
ALIKE = 0.02
"""Normalisations that differ by less, of a standard deviation, are one: no accuracy tells them apart."""
ROWS = 100
"""Images in a forward pass."""
SHUFFLES = 20
SPACES: Mapping[str, tuple[Sequence[float], Sequence[float]]] = {
    "none (mean 0, std 1)": ((0.0,), (1.0,)),
    "[-1, 1] (mean 0.5, std 0.5)": ((0.5,), (0.5,)),
    "[0, 255] (mean 0, std 1/255)": ((0.0,), (1 / 255,)),
    "ImageNet's": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "CIFAR-10's": ((0.4914, 0.4822, 0.4465), (0.247, 0.2435, 0.2616)),
    # It stands in most code that was copied for CIFAR-10: the mean of the images' own deviations.
    "CIFAR-10's with std 0.2023, 0.1994, 0.201": ((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.201)),
}


@dataclass(frozen=True)
class Diagnosis:
    """Accuracy on so many images, chance, whether both are near, and what is odd or would do better, in sentences."""

    accuracy: float
    chance: float
    images: int
    near_chance: bool
    hints: tuple[str, ...]

    @property
    def refusal(self) -> str:
        """Why the model is not audited; empty if it is."""
        if not self.near_chance:
            return ""
        unknown = "its normalisation (--mean, --std), class order or architecture may be another"
        return chance_sentence(self.accuracy, self.images, self.chance, self.hints, unknown)


def diagnose(predictions: pd.DataFrame, data: Path, checkpoint: Path, card: Mapping[str, Any]) -> Diagnosis:
    """What speaks against a model's class order or normalisation, from its predictions on a split.

    `predictions` has columns `label` and `prediction`; `data` and `checkpoint` are the stages' files.
    """
    labels, predicted = predictions["label"].to_numpy(), predictions["prediction"].to_numpy()
    split = read_split(data, "test")
    model = load_checkpoint(checkpoint, architecture=card["architecture"], normalisation=card["normalisation"])
    model = model.to(device())
    order = generator(0, "diagnosed images").permutation(len(labels))
    hints = [
        *_class_order(labels, predicted, card["architecture"]["classes"], split),
        *_spaces(labels, predicted, split, model, order),
        *oddities(model, _taken(split, order[:LOOKED_AT])),
    ]
    accuracy, near = float((labels == predicted).mean()), near_chance(labels, predicted)
    return Diagnosis(accuracy, chance(labels, predicted), len(labels), near, tuple(hints))


def _class_order(labels: np.ndarray, predicted: np.ndarray, classes: int, split: Split) -> Iterator[str]:
    """Whether another numbering of the classes makes many more predictions right."""
    rows, columns, before, after = _best_order(labels, predicted, classes)
    # Of many classes the shuffles take long, so only where they can decide.
    if after - before < GAIN or after - before < _by_luck(labels, predicted, classes):
        return
    other = rows != columns
    moved = [
        f"{split.classes[row]} is its class {column}" for row, column in zip(rows[other], columns[other], strict=True)
    ]
    yield (
        f"another order of the classes would make {after:.0%} of predictions right instead of {before:.0%} "
        f"({', '.join(moved[:5])}{', …' * (len(moved) > 5)}): classes are numbered by the names of their "
        "folders, or as --classes says"
    )


def _best_order(labels: np.ndarray, predicted: np.ndarray, classes: int) -> tuple[Any, Any, float, float]:
    """Classes and what to call them so that most predictions are right; which share is right now, and which then."""
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (labels, predicted), 1)
    rows, columns = linear_sum_assignment(counts, maximize=True)
    return rows, columns, np.trace(counts) / len(labels), counts[rows, columns].sum() / len(labels)


def _by_luck(labels: np.ndarray, predicted: np.ndarray, classes: int) -> float:
    """What the best order gains where predictions say nothing of it: the most in some shuffles.

    Those that are right stay so. Near chance they are luck, too, and it takes `GAIN` more to blame the order.
    """
    guessing, shuffled = near_chance(labels, predicted), predicted.copy()
    free = np.flatnonzero((labels != predicted) | guessing)
    draws, gains = generator(0, "class orders"), []
    for _ in range(SHUFFLES):
        shuffled[free] = draws.permutation(predicted[free])
        _, _, before, after = _best_order(labels, shuffled, classes)
        gains.append(after - before)
    return max(gains) + GAIN * guessing


def _taken(split: Split, places: np.ndarray) -> torch.Tensor:
    """The images at these places, read one by one, since of an index all may be too many for the memory."""
    return as_images(np.concatenate([split.images[place : place + 1] for place in places.tolist()]), device())


def _spaces(
    labels: np.ndarray, predicted: np.ndarray, split: Split, model: Normalized, order: np.ndarray
) -> Iterator[str]:
    """Whether another normalisation, or the channels the other way round, makes more predictions right, image by image.

    What is behind after some of the images, in that order, is not tried on the others.
    """
    right = labels == predicted
    tried = dict(_others(model, _taken(split, order[: LOOKS[0]])))
    only = {name: np.zeros(2, np.int64) for name in tried}  # right in that space only, and in the card's only
    for block in np.split(order, LOOKS):
        for rows in batches(len(block), ROWS):
            places = block[rows]
            pixels = _taken(split, places)
            for name, other in tried.items():
                correct = predict_labels(other, pixels, ROWS) == labels[places]
                only[name] += (correct & ~right[places]).sum(), (right[places] & ~correct).sum()
        tried = {name: other for name, other in tried.items() if not _behind(*only[name].tolist())}
    # What fell behind takes part in the correction, too.
    p_values = holm([mcnemar(*only[name].tolist()) if name in tried else 1.0 for name in only])
    best, p = min(zip(only, p_values, strict=True), key=lambda pair: pair[1], default=("", 1.0))
    if p >= SURE:
        return
    before, after = ((right.sum() + more) / len(right) for more in (0, only[best][0] - only[best][1]))
    # What is wrong in another way, such as the order of the classes, is less often right than by chance.
    if not after <= near_end(chance(labels, predicted)):
        yield (
            f"with another normalisation, {best}, {100 * after:.3g}% of {len(labels)} images are right instead of "
            f"{100 * before:.3g}% (McNemar's exact p {p:.1g}): --mean and --std say what the model subtracts "
            "and divides by"
        )


def _behind(ahead: int, behind: int) -> bool:
    return ahead < behind and mcnemar(ahead, behind) < BEHIND


def _others(model: Normalized, images: torch.Tensor) -> Iterator[tuple[str, nn.Module]]:
    """The network in other spaces, by their names; the last takes the channels the other way round."""
    channels, moments = images.shape[1], [values.tolist() for values in (images.mean((0, 2, 3)), images.std((0, 2, 3)))]
    for name, space in {**SPACES, "the images' own mean and std": moments}.items():
        if {*map(len, space)} <= {1, channels} and min(space[1]) > 0:
            mean, std = (for_each(values, channels) for values in space)
            other = Normalized(model.network, mean, std).eval().to(device())
            if not _alike(model, other):
                yield name, other
    if channels > 1:
        yield "the same, with the channels in the order BGR", _Reversed(model)


def _alike(one: Normalized, other: Normalized) -> bool:
    return (
        max(float(((one.mean - other.mean) / one.std).abs().max()), float((other.std / one.std - 1).abs().max()))
        < ALIKE
    )


class _Reversed(nn.Module):
    """What a model says of images whose channels are in reverse order."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.model(images.flip(1))
