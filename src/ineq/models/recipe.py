"""How models are trained: what a model's card says, and what the study says for all of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ineq.data.checks import check_int
from ineq.device import PRECISIONS
from ineq.errors import InputError, refuse_unknown
from ineq.models.pgd import NORMS

WARM_UP = 0.3
"""Share of the steps in which the learning rate rises to its peak."""
DEFAULTS = {"pgd": (1.0, 2.5), "n-fgsm": (2.0, 1.0)}
"""By attack how far from the image it starts at most, and the sum of its steps, in units of ε."""
LOG = (
    *("epoch", "learning_rate", "epsilon", "loss", "train_accuracy"),
    *("test_accuracy", "test_pgd_accuracy"),
)
"""Columns of a training's log, one row an epoch."""


@dataclass(frozen=True)
class Recipe:
    """How one model is trained: its card's `train` section.

    `norm` is "none" (standard training), "linf" or "l2"; `epsilon` is the budget in pixel units, `steps` those of the
    attack. `cutout` is the side of the square that is cut out of every training image, in pixels; 0 for none.

    `attack` is "pgd", or "n-fgsm": one step along the sign from uniform noise, without projection (de Jorge et al.,
    2022, "Make Some Noise"). `noise` is how far from the image the attack starts at most, and `step_size` how long each
    step is, both in units of ε; unless given 1 and 2.5 / `steps` for PGD, 2 and 1 for N-FGSM. `epochs`, if given,
    stands in the place of the schedule's. With `ema`, the decay in (0, 1), the model is an exponential moving average
    of the weights after each step, and of the statistics of batch normalisation. Raises `InputError` for what does not
    fit together.
    """

    seed: int
    norm: str
    epsilon: float
    steps: int
    cutout: int = 0
    attack: str = "pgd"
    noise: float | None = None
    step_size: float | None = None
    epochs: int | None = None
    ema: float | None = None

    def __post_init__(self) -> None:
        refuse_unknown("norm of the training", self.norm, ("none", *NORMS))
        refuse_unknown("attack of the training", self.attack, DEFAULTS)
        if self.attack == "n-fgsm" and (self.norm, self.steps) != ("linf", 1):
            raise InputError(f"N-FGSM is given norm '{self.norm}' and {self.steps} steps, expected 'linf' and 1")
        if self.epochs is not None:
            check_int("epochs", self.epochs, 1)
        if not (self.reach >= 0 and self.step > 0):
            raise InputError(f"noise is {self.noise} and step_size {self.step_size}, expected at least 0, and above 0")
        if self.ema is not None and not 0 < self.ema < 1:
            raise InputError(f"ema is {self.ema:g}, expected a decay above 0 and below 1")

    @property
    def adversarial(self) -> bool:
        """Whether the model is trained on attacked images."""
        return self.norm != "none"

    @property
    def reach(self) -> float:
        """How far from the image the attack starts at most, in units of ε."""
        return DEFAULTS[self.attack][0] if self.noise is None else self.noise

    @property
    def step(self) -> float:
        """Length of a step of the attack, in units of ε."""
        return DEFAULTS[self.attack][1] / max(self.steps, 1) if self.step_size is None else self.step_size


@dataclass(frozen=True)
class Schedule:
    """How all models of a study are trained: the `train` section of the parameters.

    `learning_rate` is the peak of the cycle; ε rises linearly over `ramp_epochs`. Training images are mirrored at
    random (`flip`) and shifted by up to `crop` pixels, black beyond the border. With `precision` "bfloat16" the passes
    of training run in mixed precision; accuracies are always measured in float32. Each epoch ends with the accuracy
    under l∞ PGD (`log_epsilon` in pixel units, `log_steps`) on the first `log_images` held-out images.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    momentum: float
    weight_decay: float
    ramp_epochs: int
    log_epsilon: float
    log_steps: int
    log_images: int
    flip: bool = False
    crop: int = 0
    precision: str = "float32"

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "log_images"):
            check_int(name, getattr(self, name), 1)
        refuse_unknown("precision", self.precision, PRECISIONS)

    def rate(self, progress: float) -> float:
        """Learning rate after a share `progress` in [0, 1] of all steps: up to the peak, then down to 0."""
        return float(np.interp(progress, (0, WARM_UP, 1), (0, self.learning_rate, 0)))

    def epsilon(self, recipe: Recipe, epoch: int) -> float:
        """Budget of the attack in an epoch, counted from 0; 0 in standard training."""
        ramp = min(1.0, (epoch + 1) / max(self.ramp_epochs, 1))
        return recipe.epsilon * ramp if recipe.adversarial else 0.0
