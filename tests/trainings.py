"""A training of seconds on the digits, and what its tests have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ineq.data.dataset import Split
from ineq.data.digits import digits
from ineq.models.checkpoint import save_checkpoint
from ineq.models.recipe import Recipe, Schedule
from ineq.models.training import TrainedModel

NETWORK: dict[str, Any] = {
    "architecture": {"name": "resnet8", "width": 4, "channels": 1, "classes": 10},
    "normalisation": {"mean": [0.305], "std": [0.376]},
}
SCHEDULE = Schedule(
    epochs=3,
    batch_size=50,
    learning_rate=0.1,
    momentum=0.9,
    weight_decay=5e-4,
    ramp_epochs=2,
    log_epsilon=0.1,
    log_steps=2,
    log_images=50,
)
RECIPE = Recipe(seed=0, norm="linf", epsilon=0.1, steps=2)
STANDARD = Recipe(seed=0, norm="none", epsilon=0.0, steps=0)
N_FGSM = Recipe(seed=0, norm="linf", epsilon=0.1, steps=1, attack="n-fgsm")
RECIPES = {
    "standard": STANDARD,
    "pgd": RECIPE,
    "pgd-1": replace(RECIPE, steps=1, noise=0.5, step_size=1.25),
    "l2": replace(RECIPE, norm="l2", epsilon=0.5),
    "n-fgsm": N_FGSM,
    "n-fgsm with an average": replace(N_FGSM, ema=0.9),
    "cutout": replace(RECIPE, cutout=2),
}
"""Every way to train, by name."""


def split(rows: slice, name: str) -> Split:
    dataset = digits(held_out=800, seed=0)
    images = dataset.images[name][rows].astype(np.float32) / dataset.scale
    return Split(images, dataset.labels[name][rows], dataset.classes)


TRAIN, HELD_OUT = split(slice(330), "train"), split(slice(200), "test")


def result(trained: TrainedModel, path: Path) -> tuple[bytes, str]:
    """The checkpoint's bytes, and the log."""
    save_checkpoint(path, trained.model, stage="train", **NETWORK, parameters={})
    return path.read_bytes(), repr(trained.log)


def killed_after(epoch: int) -> Callable[[str], None]:
    def report(line: str) -> None:
        if line.startswith(f"epoch {epoch}/"):
            raise KeyboardInterrupt

    return report
