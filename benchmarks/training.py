"""An epoch of PGD training against the loop of a tutorial, with its own PGD and with torchattacks'."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
import torchattacks  # pyright: ignore[reportMissingImports]
from networks import PRECISIONS, QUARTER
from timing import Row, compare
from torch import nn
from torch.nn import functional

from ineq.data.dataset import Split
from ineq.data.sources import SOURCES
from ineq.models.forward import predict_labels
from ineq.models.normalized import Normalized
from ineq.models.recipe import Recipe, Schedule
from ineq.models.training import train

ROOT = Path(__file__).resolve().parents[1]
EPSILON, STEPS, BATCH, RATE = 8 / 255, 3, 128, 0.1
IMAGES, EPOCHS = 1280, 1
PLAIN, LIBRARY = "a plain loop", "a loop with torchattacks"
Attack = Callable[[nn.Module, torch.Tensor, torch.Tensor], torch.Tensor]


def plain_pgd(model: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """PGD as tutorials have it: weights' gradients are computed too."""
    found = (images + torch.empty_like(images).uniform_(-EPSILON, EPSILON)).clamp(0, 1)
    for _ in range(STEPS):
        found = found.detach().requires_grad_()
        functional.cross_entropy(model(found), labels).backward()
        assert found.grad is not None
        found = found + 2.5 * EPSILON / STEPS * found.grad.sign()
        found = (images + (found - images).clamp(-EPSILON, EPSILON)).clamp(0, 1)
    return found.detach()


def library_pgd(model: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """torchattacks' PGD."""
    return torchattacks.PGD(model, eps=EPSILON, alpha=2.5 * EPSILON / STEPS, steps=STEPS)(images, labels)


def loop(images: np.ndarray, labels: np.ndarray, attack: Attack, epochs: int) -> Normalized:
    """Madry et al.'s training as a tutorial writes it, with SGD and a one-cycle rate."""
    torch.manual_seed(0)
    model = QUARTER.plain().train().requires_grad_(True)
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE, momentum=0.9, weight_decay=5e-4, nesterov=True)
    batches = -(-len(labels) // BATCH)
    rate = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=epochs * batches)
    for _ in range(epochs):
        for rows in torch.randperm(len(labels)).split(BATCH):
            given, truth = torch.from_numpy(images[rows]), torch.from_numpy(labels[rows])
            adversarial = attack(model, given, truth)
            optimizer.zero_grad()
            functional.cross_entropy(model(adversarial), truth).backward()
            optimizer.step()
            rate.step()
    return model.eval()


def ours(split: Split, epochs: int, precision: str) -> Normalized:
    """The stage's own training."""
    schedule = Schedule(
        epochs=epochs,
        batch_size=BATCH,
        learning_rate=RATE,
        momentum=0.9,
        weight_decay=5e-4,
        ramp_epochs=0,
        flip=False,
        crop=0,
        precision=precision,
        log_epsilon=EPSILON,
        log_steps=1,
        log_images=1,
    )
    recipe = Recipe(seed=0, norm="linf", epsilon=EPSILON, steps=STEPS, cutout=0)
    few = Split(split.images[:64], split.labels[:64], split.classes)
    space = QUARTER.card["normalisation"]
    return train(
        split, few, architecture=QUARTER.architecture, normalisation=space, recipe=recipe, schedule=schedule
    ).model


def rows() -> Iterator[Row]:
    """In float32 and, where there is, in bfloat16, with the accuracy that each reaches on the images it saw."""
    data = SOURCES["folder"](ROOT / "data/cifar10/test.zip", (3, 32, 32), held_out=0, seed=0)
    # In the order that a stage reads them, and a DataLoader gives them; decoded, colours lie side by side.
    images = data.images["test"][:IMAGES].astype(np.float32, order="C") / np.float32(data.scale)
    labels = data.labels["test"][:IMAGES].astype(np.int64)
    split = Split(images, labels, tuple(data.classes))

    def accuracy(model: nn.Module) -> float:
        return float((predict_labels(model, torch.from_numpy(images), 256) == labels).mean())

    plain = accuracy(loop(images, labels, plain_pgd, 8))
    others = {
        PLAIN: lambda: loop(images, labels, plain_pgd, EPOCHS),
        LIBRARY: lambda: loop(images, labels, library_pgd, EPOCHS),
    }
    for precision in PRECISIONS:
        reached = accuracy(ours(split, 8, precision))
        note = f"accuracy on these {IMAGES} images after 8 epochs: {reached:.1%}, plain loop {plain:.1%}"
        wanted = {PLAIN: "≥ 1.5"} if precision == PRECISIONS[-1] else {}
        yield from compare(
            "training",
            f"an epoch of PGD-{STEPS} on {IMAGES} images, {precision}",
            lambda kind=precision: ours(split, EPOCHS, kind),
            others,
            rounds=3,
            wanted=wanted,
            note=note,
        )
