"""Standard and adversarial training (Madry et al., 2018) that can be killed and resumed without a trace."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from math import ceil, isfinite, prod
from pathlib import Path
from pickle import UnpicklingError
from typing import Any
from zipfile import BadZipFile, ZipFile

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.optim.sgd import sgd

from ineq.data.dataset import Split
from ineq.data.draws import generator
from ineq.device import computing_in, device, memory_of, mixed
from ineq.errors import InputError, of_device
from ineq.models.architectures import build
from ineq.models.augment import cutout, flip_and_crop
from ineq.models.averaging import WeightAverage
from ineq.models.folding import FoldedModel
from ineq.models.forward import Progress, predict_logits, silent
from ineq.models.kernels import sound_backward
from ineq.models.normalized import Normalized
from ineq.models.pgd import pgd, random_start
from ineq.models.recipe import Recipe, Schedule

Row = dict[str, float]


@dataclass(frozen=True)
class TrainedModel:
    """A model in eval mode, and its log: one row an epoch."""

    model: Normalized
    log: list[Row]


def train(
    train_split: Split,
    held_out_split: Split,
    *,
    architecture: Mapping[str, Any],
    normalisation: Mapping[str, Sequence[float]],
    recipe: Recipe,
    schedule: Schedule,
    state: Path | None = None,
    state_key: str = "",
    report: Callable[[str], None] = lambda line: None,
    progress: Progress = silent,
    prepare: Callable[[Normalized], object] = lambda model: None,
) -> TrainedModel:
    """Train a model as its recipe and the study's schedule say.

    With `state`, everything is saved there after each epoch, and training goes on from it if `state_key` (say, the
    digest of all parameters and inputs) is that of the file: a killed and resumed run gives the same bytes as an
    undisturbed one. The caller deletes the file when the result is safe. `report` gets a line an epoch, and a line for
    what is odd: a state that is ignored, catastrophic overfitting; `progress` gets the number of batches done, and of
    all batches. `prepare` gets the model before anything is trained, on the CPU: to start from other weights, or with
    masks; it must do the same each time. Raises `InputError` when the loss is not finite.
    """
    run = _Run(train_split, held_out_split, architecture, normalisation, recipe, schedule, progress, prepare)
    if state is not None:
        report(_restore(state, state_key, run))
    for epoch in range(len(run.log), run.epochs):
        run.log.append(run.epoch(epoch))
        if state is not None:
            _save(state, state_key, run)
        for line in _lines(run.log, run.epochs, recipe):
            report(line)
    run.finish()
    return TrainedModel(run.model.eval().requires_grad_(False), run.log)


class _Run:
    """A training under way. All that changes is in `model`, `momenta`, `average` and `log`; all draws are keyed."""

    def __init__(
        self,
        train_split: Split,
        held_out_split: Split,
        architecture: Mapping[str, Any],
        normalisation: Mapping[str, Sequence[float]],
        recipe: Recipe,
        schedule: Schedule,
        progress: Progress,
        prepare: Callable[[Normalized], object],
    ) -> None:
        self.place = device()
        self.recipe, self.schedule, self.progress = recipe, schedule, progress
        self.epochs = recipe.epochs or schedule.epochs
        self.images, self.labels = self._tensors(train_split)
        self.held_out = self._tensors(held_out_split)
        network = build(architecture, seed=int(generator(recipe.seed, "weights").integers(2**63)))
        model = Normalized(network, normalisation["mean"], normalisation["std"])
        prepare(model)
        # Measured on a CPU: a fifth faster than the usual order of the weights.
        self.model = model.to(self.place, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        self.folded = FoldedModel(self.model)
        self.parameters = [parameter for parameter in self.model.parameters() if parameter.requires_grad]
        self.momenta: list[torch.Tensor | None] = [None] * len(self.parameters)
        self.rate = 0.0
        self.average = WeightAverage(recipe.ema) if recipe.ema else None
        self.log: list[Row] = []

    def _tensors(self, split: Split) -> tuple[torch.Tensor, torch.Tensor]:
        needed, room = prod(split.images.shape) * 4, min(map(memory_of, (self.place, torch.device("cpu"))))
        if needed > room:
            raise InputError(
                f"{len(split.labels)} images of shape {tuple(split.images.shape[1:])} take {needed / 1e9:.1f} GB as "
                f"float32, expected at most {room / 1e9:.1f} GB, since training holds them in memory"
            )
        return torch.from_numpy(np.asarray(split.images)).to(self.place), torch.from_numpy(split.labels).to(self.place)

    def epoch(self, epoch: int) -> Row:
        """One pass over the training images, and its row of the log."""
        count = len(self.labels)
        order = generator(self.recipe.seed, "training order", epoch).permutation(count)
        # Batches that differ by one image at most: no small last one, whose statistics would be noise.
        batches = np.array_split(order, ceil(count / self.schedule.batch_size))
        totals = torch.zeros(2, dtype=torch.float64, device=self.place)
        for batch, rows in enumerate(batches):
            self.rate = self.schedule.rate((epoch + (batch + 1) / len(batches)) / self.epochs)
            totals += self._step(epoch, batch, torch.from_numpy(rows).to(self.place))
            self.progress(epoch * len(batches) + batch + 1, self.epochs * len(batches))
        loss, accuracy = (totals / count).tolist()
        if not isfinite(loss):
            rate = f"{self.schedule.learning_rate:g}"
            raise InputError(
                f"the loss is {loss} in epoch {epoch + 1}, expected a finite one, lower learning_rate {rate}"
            )
        with self._averaged():
            held_out = self._held_out_accuracy()
        return self._row(epoch) | {"loss": loss, "train_accuracy": accuracy} | held_out

    def _averaged(self) -> AbstractContextManager[None]:
        """Inside, the model has the weights that it would end with now."""
        return self.average.applied(self.model) if self.average else nullcontext()

    def finish(self) -> None:
        """Make the model what training was for."""
        if self.average:
            self.average.copy_to(self.model)

    def _step(self, epoch: int, batch: int, rows: torch.Tensor) -> torch.Tensor:
        """One step on one batch; sums of loss and correct answers on the images trained on, (2,)."""
        images, labels = self._augmented(self.images[rows], epoch, batch), self.labels[rows]
        with computing_in(self.schedule.precision):
            with mixed(self.schedule.precision):
                images = self._attacked(images, labels, epoch, batch)
                self.model.train()
                logits = self.model(images)
                loss = functional.cross_entropy(logits, labels)
            with sound_backward(self.model):
                gradients = torch.autograd.grad(loss, self.parameters, materialize_grads=True)
        self._descend(gradients)
        if self.average:
            self.average.update(self.model)
        return torch.stack([loss.detach() * len(rows), (logits.argmax(1) == labels).sum()])

    @torch.no_grad()
    def _descend(self, gradients: Sequence[torch.Tensor]) -> None:
        """A step of SGD with Nesterov momentum, by the function behind torch's class: that imports a compiler first."""
        schedule = self.schedule
        sgd(
            self.parameters,
            list(gradients),
            self.momenta,
            lr=self.rate,
            momentum=schedule.momentum,
            weight_decay=schedule.weight_decay,
            nesterov=schedule.momentum > 0,
            dampening=0,
            maximize=False,
        )

    def _augmented(self, images: torch.Tensor, epoch: int, batch: int) -> torch.Tensor:
        seed, schedule, side = self.recipe.seed, self.schedule, self.recipe.cutout
        if schedule.flip or schedule.crop:
            draws = generator(seed, "flips and crops", epoch, batch)
            images = flip_and_crop(images, draws, flip=schedule.flip, crop=schedule.crop)
        if side:
            # PAPER A.9: a part of every training image is cut out, at each iteration.
            images = cutout(images, generator(seed, "cutout", epoch, batch), side=side, fill=self.model.mean)
        return images

    def _attacked(self, images: torch.Tensor, labels: torch.Tensor, epoch: int, batch: int) -> torch.Tensor:
        """PAPER §2.2, equation 3: the inner maximum, searched from a random start."""
        recipe, epsilon = self.recipe, self.schedule.epsilon(self.recipe, epoch)
        if epsilon == 0:
            return images
        draws = generator(recipe.seed, "pgd start", epoch, batch)
        start = torch.from_numpy(random_start(draws, images.shape, recipe.reach * epsilon, recipe.norm)).to(self.place)
        return pgd(
            self.folded.current(),
            images,
            labels,
            epsilon=epsilon,
            steps=recipe.steps,
            step_size=recipe.step * epsilon,
            norm=recipe.norm,
            start=start,
            project=recipe.attack == "pgd",
        )

    def _row(self, epoch: int) -> Row:
        return {"epoch": epoch + 1, "learning_rate": self.rate, "epsilon": self.schedule.epsilon(self.recipe, epoch)}

    def _held_out_accuracy(self) -> Row:
        """Accuracy on the held-out images, and under the log's attack on the first of them."""
        images, labels = self.held_out
        few, schedule, model = slice(self.schedule.log_images), self.schedule, self.folded.current()
        attacked = pgd(model, images[few], labels[few], epsilon=schedule.log_epsilon, steps=schedule.log_steps)
        return {
            "test_accuracy": _accuracy(model, images, labels),
            "test_pgd_accuracy": _accuracy(model, attacked, labels[few]),
        }


def _accuracy(model: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> float:
    return float((predict_logits(model, images).argmax(1) == labels.cpu()).double().mean())


def _lines(log: list[Row], epochs: int, recipe: Recipe) -> list[str]:
    """What to say after an epoch."""
    row = log[-1]
    facts = ("loss", "train_accuracy", "test_accuracy", "test_pgd_accuracy")
    lines = [f"epoch {row['epoch']}/{epochs}: " + ", ".join(f"{fact} {row[fact]:.3f}" for fact in facts)]
    best = max(past["test_pgd_accuracy"] for past in log)
    # Wong et al. (2020): robustness can vanish within an epoch while the accuracy trained for goes on rising.
    if recipe.adversarial and row["test_pgd_accuracy"] < best / 2:
        lines.append(f"catastrophic overfitting: PGD accuracy fell from {best:.3f} to {row['test_pgd_accuracy']:.3f}")
    return lines


def _save(path: Path, key: str, run: _Run) -> None:
    """Save all that changes in a run, at once or not at all."""
    content = {"key": key, "log": run.log, "model": run.model.state_dict(), "momenta": run.momenta}
    if run.average:
        content["average"] = run.average.tensors
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    torch.save(content, temporary)
    os.replace(temporary, path)


def _restore(path: Path, key: str, run: _Run) -> str:
    """Take up a saved run if it is this one; what was done, as a line."""
    if not path.exists():
        return "training from the start"
    try:
        # torch.load does not look at the checksums that its archive holds.
        with ZipFile(path) as archive:
            damaged = archive.testzip()
        content = {} if damaged else torch.load(path, map_location=run.place, weights_only=True)
        saved_key, model, momenta, log = (content[name] for name in ("key", "model", "momenta", "log"))
        average = content["average"] if run.average else {}
    except (RuntimeError, UnpicklingError, BadZipFile, OSError, KeyError, TypeError, ValueError) as error:
        if of_device(error):  # the file is whole: with more memory, training would go on from it
            raise
        return f"training from the start: {path} is not readable ({type(error).__name__})"
    if saved_key != key:
        return f"training from the start: {path} belongs to another run"
    run.model.load_state_dict(model)
    run.momenta = momenta
    if run.average:
        run.average.tensors = average
    run.log = log
    return f"training goes on after epoch {len(log)}, from {path}"
