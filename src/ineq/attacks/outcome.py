"""What a model predicts under an attack, image by image, at every setting, budget and draw. No torch, no files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from ineq.attacks.criteria import success
from ineq.errors import InputError

ARRAYS = ("prediction", "covered", "unchanged")
"""What there is of each place."""
Places = Mapping[str, np.ndarray]
"""An array by which places are attacked: "important", "least" and "random"."""


@dataclass(frozen=True)
class Outcome:
    """What became of images under one attack, at S settings, budgets of b₁ × b₂ × …, D draws, for N images.

    `clean` int16 (N,) are predictions without attack; `labels` and `indices` int64 (N,) are classes and positions in
    the split. By which places are attacked, `prediction` is int16 (S, b₁, b₂, …, D, N), `covered` float32
    (b₁, b₂, …, D, N) the share of an image's values that are attacked, and `unchanged` bool, shaped as `prediction`,
    whether none of them changes. `budgets` are the values along each axis by its name, `criteria` what can be a
    success, the headline's first; `options`, `seed` and `space` are what the attack was made with.
    """

    attack: str
    options: Mapping[str, Any]
    seed: int
    space: Mapping[str, Any]
    settings: Sequence[str]
    budgets: Mapping[str, Sequence[int]]
    criteria: Sequence[str]
    clean: np.ndarray
    labels: np.ndarray
    indices: np.ndarray
    prediction: Places
    covered: Places
    unchanged: Places

    @property
    def evaluated(self) -> np.ndarray:
        """Images that the model classifies correctly without attack, bool (N,)."""
        return self.clean == self.labels

    @property
    def every_budget(self) -> list[dict[str, int]]:
        """All budgets, the last axis the fastest."""
        return [dict(zip(self.budgets, values, strict=True)) for values in product(*self.budgets.values())]

    def place(self, budget: Mapping[str, int]) -> tuple[int, ...]:
        """Where a budget is on the axes of budgets. Raises `InputError` for one that the attack did not have."""
        try:
            return tuple(values.index(budget[axis]) for axis, values in self.budgets.items())
        except (KeyError, ValueError):
            raise InputError(f"attack {self.attack} has no budget {dict(budget)}") from None

    def wrong(self, where: str, setting: str, images: np.ndarray) -> np.ndarray:
        """Whether predictions differ from the label, bool (b₁, b₂, …, D, n), for n images, chosen by a mask."""
        return self.prediction[where][list(self.settings).index(setting)][..., images] != self.labels[images]

    def success(
        self, where: str, setting: str, budget: Mapping[str, int], images: np.ndarray, criterion: str = ""
    ) -> np.ndarray:
        """Whether the attack succeeds at a budget by a criterion (the headline's unless given), bool (D, n)."""
        wrong = self.wrong(where, setting, images)
        return success(wrong, criterion or self.criteria[0], self.place(budget), axes=len(self.budgets))

    def with_control(self, control: Outcome) -> Outcome:
        """Together with the same attack on random places, which is of these images and maybe more.

        Raises `InputError` where the two are not of the same images and budgets.
        """
        count = len(self.indices)
        same = all(getattr(self, name) == getattr(control, name) for name in ("settings", "budgets", "seed"))
        if not same or not np.array_equal(self.indices, control.indices[:count]):
            raise InputError(
                f"attack {self.attack} is of other images or budgets than its random control: "
                "rerun the stage that is old"
            )
        arrays = {name: {**getattr(self, name), **_first(getattr(control, name), count)} for name in ARRAYS}
        return replace(self, **arrays)


def _first(places: Places, count: int) -> Places:
    return {where: values[..., :count] for where, values in places.items()}


def joined(parts: Sequence[Outcome]) -> Outcome:
    """The outcome of all images of those of some of them, in order."""
    arrays: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts]) for name in ("clean", "labels", "indices")
    }
    for name in ARRAYS:
        groups = [getattr(part, name) for part in parts]
        arrays[name] = {where: np.concatenate([group[where] for group in groups], axis=-1) for where in groups[0]}
    return replace(parts[0], **arrays)
