"""Clean, PGD and AutoAttack accuracy, image by image: the paper's Table 5."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import nn

from ineq.attacks.autoattack import auto_attack
from ineq.attacks.budgets import ATTACKS, Budget, consistent
from ineq.data.checks import Array, as_images, as_labels, refuse_beyond
from ineq.data.draws import generator
from ineq.device import device_of
from ineq.models.forward import Progress, batches, predict_labels, silent
from ineq.models.pgd import pgd, random_start
from ineq.models.probe import classes_of, refuse_without_gradient


@dataclass(frozen=True)
class Settings:
    """How attacks search: PGD's steps, the seed of all starts, images in a forward pass."""

    steps: int
    seed: int
    batch_size: int | None = None


@dataclass(frozen=True)
class _Attacked:
    """A model and images (N, C, H, W) with their labels (N,) and positions in the split (N,)."""

    model: nn.Module
    images: torch.Tensor
    labels: torch.Tensor
    indices: np.ndarray
    settings: Settings

    def right(self, images: torch.Tensor, rows: slice = slice(None)) -> np.ndarray:
        """Whether the model is right on these versions of its images, bool (n,)."""
        return predict_labels(self.model, images, self.settings.batch_size) == self.labels[rows].cpu().numpy()

    def measured(self, budget: Budget, report: Callable[[str], None], progress: Progress) -> pd.DataFrame:
        """The columns `ATTACKS`, 1 where the model is right."""
        clean, settings = self.right(self.images), self.settings
        auto = auto_attack(
            self.model,
            self.images,
            self.labels,
            epsilon=budget.epsilon,
            norm=budget.norm,
            seed=settings.seed,
            batch_size=settings.batch_size,
            report=report,
            progress=progress,
        )
        # Rounding must not make an image right under attack that is wrong without attack.
        columns = {"clean": clean, "pgd": clean & self.pgd(budget), "autoattack": clean & auto}
        return pd.DataFrame(columns).astype(int)

    def pgd(self, budget: Budget) -> np.ndarray:
        """Whether the model is right at the end of one search from a random start, bool (N,)."""
        right, settings = np.zeros(len(self.images), dtype=bool), self.settings
        for rows in batches(len(self.images), settings.batch_size):
            shape = (1, *self.images.shape[1:])
            starts = [
                random_start(generator(settings.seed, "robustness start", index), shape, budget.epsilon, budget.norm)
                for index in self.indices[rows]
            ]
            attacked = pgd(
                self.model,
                self.images[rows],
                self.labels[rows],
                epsilon=budget.epsilon,
                steps=settings.steps,
                norm=budget.norm,
                start=torch.from_numpy(np.concatenate(starts)).to(self.images.device),
            )
            right[rows] = self.right(attacked, rows)
        return right


def robustness(
    model: nn.Module,
    images: Array,
    labels: Array,
    indices: np.ndarray,
    attacked: Mapping[str, Budget],
    settings: Settings,
    *,
    report: Callable[[str], None] = lambda line: None,
    progress: Progress = silent,
) -> pd.DataFrame:
    """One row an image (N, C, H, W) and budget: is the model right without attack, under PGD and under AutoAttack?

    `indices` (N,) are positions in the split; they key PGD's random starts. Of equal budgets one is computed and
    reported under each name. `report` gets a line a budget, and one where a stronger attack does worse.

    Raises `InputError` for bad images or labels, and a model that can't be measured (see `ineq.models.probe`).
    """
    pixels = as_images(images, device_of(model))
    truth = as_labels(labels, pixels)
    refuse_beyond(truth, classes_of(model, pixels, settings.batch_size))
    refuse_without_gradient(model, pixels)
    task = _Attacked(model, pixels, truth, indices, settings)
    measured: dict[Budget, pd.DataFrame] = {}
    tables = []
    for name, budget in attacked.items():
        if budget not in measured:
            measured[budget] = task.measured(budget, report, progress)
            for line in _lines(budget, measured[budget]):
                report(line)
        columns = {"image": indices, "budget": name, "norm": budget.norm, "epsilon": budget.epsilon}
        tables.append(pd.DataFrame(columns).join(measured[budget]))
    return pd.concat(tables, ignore_index=True)


def _lines(budget: Budget, table: pd.DataFrame) -> Iterator[str]:
    """What to say of a budget."""
    counts = {attack: int(table[attack].sum()) for attack in ATTACKS}
    shown = ", ".join(f"{attack} {count}" for attack, count in counts.items())
    yield f"{budget}: right of {len(table)} images: {shown}"
    if not consistent(counts):
        yield f"warning: {budget}: a stronger attack leaves more images right than a weaker one: {shown}"
