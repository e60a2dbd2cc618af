"""What a model's answers say of it: how near chance they are, and whether they are logits."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from ineq.model_audit.answers import chance, near_chance, oddities

RANDOM = np.random.default_rng(0)


def agreeing(labels: np.ndarray, right: int) -> np.ndarray:
    """Predictions of which so many are right, evenly over the classes, and the others each the next class."""
    wrong = np.ones(len(labels), bool)
    wrong[np.linspace(0, len(labels) - 1, right).astype(int)] = False
    return np.where(wrong, (labels + 1) % (labels.max() + 1), labels)


@pytest.mark.parametrize(
    ("classes", "images", "right", "refused"),
    [
        (2, 10_000, 10_000, False),
        (2, 100, 100, False),
        (3, 100, 75, False),
        (4, 100, 58, False),
        (2, 1000, 520, True),
        (2, 20, 20, False),
        (2, 4, 4, True),
        (3, 1000, 340, True),
        (10, 1000, 110, True),
        (1000, 5000, 40, False),
        (1000, 5000, 5, True),
    ],
)
def test_closeness_is_measured_between_chance_and_1(classes: int, images: int, right: int, refused: bool) -> None:
    labels = np.arange(images) % classes
    predictions = agreeing(labels, right)
    assert int((labels == predictions).sum()) == right and near_chance(labels, predictions) is refused


def test_chance_is_what_the_largest_class_gives_where_classes_are_of_unlike_size() -> None:
    labels = np.repeat([0, 1], [900, 100])
    always = np.zeros(1000, int)
    assert chance(labels, always) == pytest.approx(0.9) and near_chance(labels, always)
    assert near_chance(labels, np.where(RANDOM.random(1000) < 0.9, 0, 1)), "as often each, and no other relation"
    # Less often right than who always says the first class, and yet far from chance: right on 88 % of each class.
    fair = np.where(np.arange(1000) % 25 < 22, labels, 1 - labels)
    assert (fair == labels).mean() < 0.9 and not near_chance(labels, fair)


def test_a_class_that_is_never_predicted_or_never_there_is_counted_right() -> None:
    labels, predictions = np.array([0, 1, 0, 1]), np.array([0, 7, 0, 9])
    assert chance(labels, predictions) == pytest.approx(0.25) == chance(predictions, labels)
    assert np.isnan(chance(np.zeros(9), np.zeros(9))) and not near_chance(np.zeros(9), np.zeros(9))


LINEAR = nn.Sequential(nn.Flatten(), nn.Linear(27, 4))
SMOOTHED = nn.Sequential(LINEAR, nn.Softmax(1), nn.Threshold(-1, 0))
ODD = {
    "": [
        LINEAR,
        nn.Sequential(LINEAR, nn.ReLU()),
        nn.Sequential(LINEAR, nn.Sigmoid()),
        nn.Sequential(LINEAR, nn.Dropout()),
    ],
    "ends in a softmax": [nn.Sequential(LINEAR, nn.Softmax(1)), SMOOTHED],
    "ends in a log-softmax": [nn.Sequential(LINEAR, nn.LogSoftmax(1))],
}


@pytest.mark.parametrize(("words", "model"), [(words, model) for words, models in ODD.items() for model in models])
def test_probabilities_are_noticed_and_said(words: str, model: nn.Module) -> None:
    found = oddities(model, torch.from_numpy(RANDOM.random((40, 3, 3, 3), np.float32)))
    assert len(found) == (words != "") and words in "".join(found)
