"""What a model's answers say of it, from arrays and a model in memory: chance, a softmax at its end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from ineq.errors import InputError
from ineq.model_audit.sizes import FEWEST
from ineq.models.forward import predict_logits
from ineq.statistics.intervals import share_interval

NEAR = 0.1
"""Part of the way from chance to 1 within which an accuracy is near chance, if that is no more than twice chance."""
LOOKED_AT = 32
"""Images whose answers are looked at."""
EXACT = 1e-3
"""How far a sum of probabilities may be from 1."""
SOFTMAX = (
    "its answers are {}: it ends in a {}. Maps then explain a probability and not a logit, and have another Gini "
    "index; audit it without that layer to compare it with others"
)


def chance(labels: np.ndarray, predictions: np.ndarray) -> float:
    """How often labels (N,) and predictions (N,) would agree if they had nothing to do with each other (Cohen 1960).

    Half for two equally large classes; 0.9 for a model that always says the class of 90 % of the images. NaN where all
    images are of one class, which says nothing of the others.
    """
    shares = [np.bincount(np.asarray(values, np.int64)) / len(labels) for values in (labels, predictions)]
    if np.count_nonzero(shares[0]) < 2:
        return float("nan")
    both = min(map(len, shares))
    return float(shares[0][:both] @ shares[1][:both])


def near_end(guessed: float) -> float:
    """The accuracy up to which a model is near chance, `guessed`, both in [0, 1]."""
    return guessed + min(guessed, NEAR * (1 - guessed))


def near_chance(labels: np.ndarray, predictions: np.ndarray) -> bool:
    """Whether predictions (N,) can't be told from chance: Wilson's lower end of their accuracy is near it.

    So on few images an accuracy above chance can be near it.
    """
    right = int((np.asarray(labels) == np.asarray(predictions)).sum())
    return share_interval(right, len(labels)).low < near_end(chance(labels, predictions))


def chance_sentence(accuracy: float, images: int, guessed: float, reasons: Sequence[str], unknown: str) -> str:
    """Why a model near chance, `guessed`, is refused, about "it": for the reasons, few images, or what is `unknown`."""
    few = "these are too few images to tell"
    why = "; ".join(reasons) or (few if accuracy > near_end(guessed) else unknown)
    return f"it is right on {accuracy:.1%} of {images} images, chance is {guessed:.1%}: {why}"


def evaluated_count(right: Sequence[np.ndarray], size: int) -> tuple[int, list[str]]:
    """How many of `size` images can be evaluated: those on which all of `right`, bool (N,) each, hold; a note if fewer.

    Raises `InputError` for fewer than `FEWEST`.
    """
    common = int(np.logical_and.reduce(right).sum())
    if common < FEWEST:
        raise InputError(
            f"only {common} of {len(right[0])} images are classified correctly, expected at least {FEWEST}"
        )
    few = [f"{common} images are evaluated, not {size}: no more are classified correctly"] if common < size else []
    return min(common, size), few


def oddities(model: nn.Module, images: torch.Tensor) -> list[str]:
    """What is odd of the answers to pixel images (N, C, H, W), in sentences about "it": a softmax or its logarithm."""
    answers = predict_logits(model, images[:LOOKED_AT])
    if answers.min() >= 0 and bool(((answers.sum(1) - 1).abs() < EXACT).all()):
        return [SOFTMAX.format("probabilities, from 0 to 1 with sum 1", "softmax")]
    logarithms = bool((answers.logsumexp(1).abs() < EXACT).all())
    return [SOFTMAX.format("logarithms of probabilities", "log-softmax")] if logarithms else []
