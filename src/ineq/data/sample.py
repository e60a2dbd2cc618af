"""Which images maps and attacks work on: a seeded draw from those that all models classify correctly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from ineq.data.checks import check_int
from ineq.data.draws import generator
from ineq.errors import InputError
from ineq.io.rows import Large, first, parts


@dataclass(frozen=True)
class Sample:
    """Images float32 (N, C, H, W) in [0, 1], labels int64 (N,), and their positions int64 (N,) in the split.

    The positions key every random draw on an image, so a bigger sample draws the same on the images it shares.
    """

    images: Large
    labels: np.ndarray
    indices: np.ndarray
    classes: tuple[str, ...]

    def first(self, count: int) -> Sample:
        """Its first `count` images, or all where it has no more: what a smaller sample would be."""
        rows = slice(count)
        return replace(self, images=first(self.images, count), labels=self.labels[rows], indices=self.indices[rows])

    def name(self, label: int) -> str:
        """The name of a class; a model may know more of them than the data set."""
        return self.classes[label] if label < len(self.classes) else f"class {label}"

    def parts(self, size: int) -> Iterator[Part]:
        """All of it in order, up to `size` images at a time."""
        columns = (parts(column, size) for column in (self.images, self.labels, self.indices))
        for images, labels, indices in zip(*columns, strict=True):
            yield Part(images, labels, indices, self.classes)

    def parts_with(self, maps: Large, size: int) -> Iterator[tuple[Part, np.ndarray]]:
        """The same, each with the rows of `maps` (N, C, H, W) that are of its images."""
        return zip(self.parts(size), parts(maps, size), strict=True)


@dataclass(frozen=True)
class Part(Sample):
    """Some images of a sample, in memory."""

    images: np.ndarray


def draw_sample(labels: np.ndarray, predictions: Mapping[str, np.ndarray], size: int, seed: int) -> np.ndarray:
    """Positions, int64 (size,), of the first `size` images of the shuffled split that every model gets right.

    `labels` and each model's `predictions` are classes, (N,). The order is that of the shuffle, so a bigger sample
    starts with the smaller one, and every class of a class-ordered file has its share. Raises `InputError`, naming the
    model that limits the sample most, when there are fewer than `size`.
    """
    check_int("the sample's size", size, 1)
    correct = {model: _correct(model, labels, predicted) for model, predicted in predictions.items()}
    # PAPER §4.1: the sample holds images that all the models compared classify correctly.
    common = np.logical_and.reduce([np.ones(len(labels), dtype=bool), *correct.values()])
    # ASSUME(§4.1): the paper says "randomly"; here a seeded shuffle of the whole split.
    order = generator(seed, "sample").permutation(len(labels))
    positions = order[common[order]][:size]
    if len(positions) < size:
        raise InputError(_too_few(correct, int(common.sum()), size))
    return positions.astype(np.int64)


def class_counts(labels: np.ndarray, classes_count: int) -> np.ndarray:
    """Images of each class, int64 (classes_count,)."""
    return np.bincount(labels, minlength=classes_count).astype(np.int64)


def _correct(model: str, labels: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Where the model is right, bool (N,)."""
    if np.shape(predicted) != np.shape(labels):
        shapes = f"{np.shape(predicted)} for {len(labels)} images"
        raise InputError(f"predictions of '{model}' have shape {shapes}, expected one for each image")
    return np.asarray(predicted) == labels


def _too_few(correct: Mapping[str, np.ndarray], common: int, size: int) -> str:
    """What is wrong, and the model whose removal would gain the most images."""
    message = f"only {common} images are classified correctly by all {len(correct)} models, expected {size}"
    if not correct:
        return f"the split has only {common} images, expected {size}"
    without = {name: _without(correct, name) for name in correct}
    limiting = max(without, key=lambda name: without[name])
    accuracy = f"accuracy {correct[limiting].mean():.1%}"
    return f"{message}: '{limiting}' ({accuracy}) limits the sample most, without it there would be {without[limiting]}"


def _without(correct: Mapping[str, np.ndarray], left_out: str) -> int:
    """Images that all models but one get right."""
    others = [right for name, right in correct.items() if name != left_out]
    return int(np.logical_and.reduce([np.ones_like(correct[left_out]), *others]).sum())
