"""AutoAttack (Croce and Hein, 2020), standard version: the one place that knows the package of its authors."""

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

from ineq.data.draws import generator
from ineq.errors import refuse_unknown
from ineq.extras import extra
from ineq.models.forward import Progress, answer, batches, evaluating, frozen, predict_labels, silent
from ineq.models.probe import classes_of

NORMS = {"linf": "Linf", "l2": "L2"}
TOLERANCE = 1e-5
"""How far float32 may carry an image out of the ball, as a share of its radius, and out of the pixel range."""

Make = Callable[..., Any]
"""What makes an attack: the package's class."""


def auto_attack(
    model: nn.Module,
    images: torch.Tensor,
    labels: torch.Tensor,
    *,
    epsilon: float,
    norm: str,
    seed: int,
    batch_size: int | None = None,
    report: Callable[[str], None] = lambda line: None,
    progress: Progress = silent,
    make: Make | None = None,
) -> np.ndarray:
    """Which images (N, C, H, W) in [0, 1] the model still gets right after every attack of the ensemble, bool (N,).

    An image that is wrong without attack is not attacked. `epsilon` is in pixel units, of `norm` "linf" or "l2". An
    attack draws for a batch at once, so that `batch_size` belongs to the result as `seed` does. `report` gets the
    package's warnings; `progress` counts pairs of image and attack. What the package claims is not taken at its
    word: its images are checked and predicted again. Raises `RuntimeError` where one has left the ball or the range
    of pixels, and `MissingExtra` without the package.
    """
    refuse_unknown("norm of the attack", norm, NORMS)
    right = predict_labels(model, images, batch_size) == labels.cpu().numpy()
    # FAB asks for the gradients of all that asks for one, and would leave them in the caller's weights.
    with _quiet(report), _restored_random_state(images.device), evaluating(model), frozen(model):
        ensemble = _ensemble(model, images, epsilon, norm, make or _package())
        steps = ensemble.attacks_to_run
        for step, attack in enumerate(steps):
            left, ensemble.attacks_to_run = np.flatnonzero(right), [attack]
            for rows in batches(len(left), batch_size):
                at = torch.from_numpy(left[rows]).to(images.device)
                ensemble.seed = int(generator(seed, "autoattack", step, rows.start).integers(2**31))
                attacked, _ = ensemble.run_standard_evaluation(images[at], labels[at], batch_size=len(at))
                _check(attacked, images[at], epsilon, norm)
                right[left[rows]] = predict_labels(model, attacked, batch_size) == labels[at].cpu().numpy()
                if rows.stop < len(left):
                    progress(step * len(images) + rows.stop, len(steps) * len(images))
            # Images that fall are not attacked again: what is skipped counts as done.
            progress((step + 1) * len(images), len(steps) * len(images))
    return right


def _package() -> Make:
    with extra("robustness", "AutoAttack"):
        from pyautoattack import AutoAttack
    return AutoAttack


def _ensemble(model: nn.Module, images: torch.Tensor, epsilon: float, norm: str, make: Make) -> Any:
    """The standard version, made to fit a model of fewer than 10 classes."""
    classes = classes_of(model, images)
    ensemble = make(partial(answer, model), norm=NORMS[norm], eps=epsilon, version="standard", device=images.device)
    # It attacks towards each of the 9 runners-up; a model may have fewer.
    ensemble.apgd_targeted.n_target_classes = ensemble.fab.n_target_classes = min(9, classes - 1)
    if classes < 4:
        # Its targeted loss is divided by a difference to the fourth-highest logit.
        ensemble.attacks_to_run = [attack for attack in ensemble.attacks_to_run if attack != "apgd-t"]
    return ensemble


def _check(attacked: torch.Tensor, images: torch.Tensor, epsilon: float, norm: str) -> None:
    """The three things an adversarial image must be: finite, in the range of pixels, in the ball."""
    offsets = (attacked.double() - images.double()).flatten(1)
    distance = float(offsets.norm(dim=1, p=float("inf") if norm == "linf" else 2).max())
    low, high = float(attacked.min()), float(attacked.max())
    # A NaN fails every comparison.
    if not (-TOLERANCE <= low <= high <= 1 + TOLERANCE and distance <= epsilon * (1 + TOLERANCE) + TOLERANCE / 10):
        raise RuntimeError(
            f"AutoAttack gave images with values from {low:g} to {high:g}, up to {distance:g} ({norm}) away, expected "
            f"values in [0, 1], at most {epsilon:g} away"
        )


@contextlib.contextmanager
def _restored_random_state(device: torch.device) -> Iterator[None]:
    """The package seeds torch's global generators: they get their state back."""
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        yield


class _WarningReporter(logging.Handler):
    """Hands on each warning once."""

    def __init__(self, report: Callable[[str], None]):
        super().__init__(logging.WARNING)
        self.report, self.known = report, set()

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage().split(" See ")[0]
        if text not in self.known:
            self.known.add(text)
            self.report(f"AutoAttack says: {text}")


@contextlib.contextmanager
def _quiet(report: Callable[[str], None]) -> Iterator[None]:
    """Nothing is printed inside; of what is logged, warnings are handed on."""
    logger, handler = logging.getLogger("auto-attack"), _WarningReporter(report)
    propagate, logger.propagate = logger.propagate, False
    logger.addHandler(handler)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagate
