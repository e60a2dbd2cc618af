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
from ineq.data.draws import generator
from ineq.models.forward import Progress, batches, predict_labels, silent
from ineq.models.pgd import pgd, random_start


@dataclass(frozen=True)
class Settings:
    """How attacks search: PGD's steps, the seed of all starts, images in a forward pass."""

    steps: int
    seed: int
    batch_size: int | None = None


def robustness(
    model: nn.Module,
    images: torch.Tensor,
    labels: torch.Tensor,
    indices: np.ndarray,
    attacked: Mapping[str, Budget],
    settings: Settings,
    *,
    report: Callable[[str], None] = lambda line: None,
    progress: Progress = silent,
) -> pd.DataFrame:
    """One row an image (N, C, H, W) and budget: whether the model is right untouched, under PGD and under AutoAttack.

    `indices` (N,) are positions in the split; they key PGD's random starts. Of equal budgets one is computed and
    reported under each name. `report` gets a line a budget, and one where a stronger attack does worse.
    """
    measured: dict[Budget, pd.DataFrame] = {}
    tables = []
    for name, budget in attacked.items():
        if budget not in measured:
            measured[budget] = _measured(model, images, labels, indices, budget, settings, report, progress)
            for line in _lines(budget, measured[budget]):
                report(line)
        told = {"image": indices, "budget": name, "norm": budget.norm, "epsilon": budget.epsilon}
        tables.append(pd.DataFrame(told).join(measured[budget]))
    return pd.concat(tables, ignore_index=True)


def _measured(
    model: nn.Module,
    images: torch.Tensor,
    labels: torch.Tensor,
    indices: np.ndarray,
    budget: Budget,
    settings: Settings,
    report: Callable[[str], None],
    progress: Progress,
) -> pd.DataFrame:
    size = settings.batch_size
    clean = predict_labels(model, images, size) == labels.cpu().numpy()
    auto = auto_attack(
        model,
        images,
        labels,
        epsilon=budget.epsilon,
        norm=budget.norm,
        seed=settings.seed,
        batch_size=size,
        report=report,
        progress=progress,
    )
    # Rounding must not make an image right under attack that is wrong untouched.
    found = {"clean": clean, "pgd": clean & _pgd(model, images, labels, indices, budget, settings)}
    return pd.DataFrame({**found, "autoattack": clean & auto}).astype(int)


def _pgd(
    model: nn.Module,
    images: torch.Tensor,
    labels: torch.Tensor,
    indices: np.ndarray,
    budget: Budget,
    settings: Settings,
) -> np.ndarray:
    """Whether the model is right at the end of one search from a random start, bool (N,)."""
    right = np.zeros(len(images), dtype=bool)
    for rows in batches(len(images), settings.batch_size):
        shape = (1, *images.shape[1:])
        starts = [
            random_start(generator(settings.seed, "robustness start", index), shape, budget.epsilon, budget.norm)
            for index in indices[rows]
        ]
        found = pgd(
            model,
            images[rows],
            labels[rows],
            epsilon=budget.epsilon,
            steps=settings.steps,
            norm=budget.norm,
            start=torch.from_numpy(np.concatenate(starts)).to(images.device),
        )
        right[rows] = predict_labels(model, found, settings.batch_size) == labels[rows].cpu().numpy()
    return right


def _lines(budget: Budget, table: pd.DataFrame) -> Iterator[str]:
    """What to say of a budget."""
    counts = {attack: int(table[attack].sum()) for attack in ATTACKS}
    shown = ", ".join(f"{attack} {count}" for attack, count in counts.items())
    yield f"{budget}: right of {len(table)} images: {shown}"
    if not consistent(counts):
        yield f"warning: {budget}: a stronger attack leaves more images right than a weaker one: {shown}"
