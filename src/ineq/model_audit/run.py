"""Audit a model in memory, with the functions that the stages of a study compute with."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn

from ineq.analysis.build import build_tables
from ineq.analysis.results import Results
from ineq.analysis.rows import Settings
from ineq.analysis.verdict import UNTRAINED
from ineq.attacks.base import Attack
from ineq.attacks.noise import Noise
from ineq.attacks.occlusion import Occlusion
from ineq.attacks.outcome import Outcome
from ineq.attacks.run import attack_outcome
from ineq.attribution.controls import control_table
from ineq.attribution.methods import options_of
from ineq.attribution.names import GRADIENT, METHOD, gradients
from ineq.attribution.registry import attribute, register
from ineq.data.checks import Array, as_images, as_labels, check_int, refuse_beyond
from ineq.data.sample import Sample, draw_sample
from ineq.device import device_of
from ineq.errors import InputError
from ineq.inequality.table import measure
from ineq.model_audit.answers import chance, chance_sentence, evaluated_count, near_chance, oddities
from ineq.model_audit.cost import duration
from ineq.model_audit.result import Audit
from ineq.model_audit.sizes import DRAWS, FEWEST, FULL, QUICK, REPEATS, Effort, Sizes, fewer, sizes_for
from ineq.model_audit.untrained import shared_weights
from ineq.models.forward import BATCH_SIZE, Channels, normalisation
from ineq.models.normalized import Normalized
from ineq.models.predict import predict
from ineq.models.probe import classes_of

LONG = 600
"""Seconds from which on an audit says before its work how long it takes."""
WHERE = ("important", "random")
LOGGER = logging.getLogger("ineq")


def audit(
    model: nn.Module,
    images: Array,
    labels: Array,
    *,
    against: Mapping[str, nn.Module] | None = None,
    name: str = "model",
    method: str = METHOD,
    options: Mapping[str, Any] | None = None,
    count: int | None = None,
    quick: bool = False,
    seed: int = 0,
    mean: Channels | None = None,
    std: Channels | None = None,
    untrained: nn.Module | None = None,
    batch_size: int = BATCH_SIZE,
) -> Audit:
    """How unequal the attribution maps of a model are, and how fragile it is where they point.

    Of `images` (N, C, H, W) in [0, 1] with classes `labels` (N,), it draws `count` (200, or 50 with `quick`) that the
    model classifies correctly; where there are fewer, all of these. `method` and its `options` make the maps. Noise and
    occlusion change as large a part of the images as in a study, at the most important places and at random ones;
    `quick` means fewer colours and budgets, too. `mean` and `std` are the normalised space of baselines and noise, in
    pixel units: by default a `Normalized` model's, else pixel space. `against` are other models by name, to compare the
    model with image by image; then they choose the images. `untrained` is a network of the same architecture before its
    training, whose Gini indices those of the model are read against. A forward pass has up to `batch_size` rows.

    Raises `InputError` for a bad argument, an `untrained` network with weights of the model, fewer than 20 images that
    are classified correctly, and logits or gradients that are not finite.
    """
    plan = _plan(model, images, mean, std, method, options or {}, QUICK if quick else FULL, seed, batch_size)
    models = {**_others(name, against or {}), name: model}
    size = plan.effort.images if count is None else check_int("count", count, FEWEST)
    return plan.audited(name, models, images, labels, size, untrained)


def _others(name: str, models: Mapping[str, nn.Module]) -> Mapping[str, nn.Module]:
    """The models that one is compared with, their names checked."""
    if not isinstance(models, Mapping):
        raise InputError(f"against is of type {type(models).__name__}, expected a mapping of names to models")
    for one in (name, *models):
        # Tables name maps `model/method`.
        if not isinstance(one, str) or not one.strip() or "/" in one or one in (UNTRAINED, "input"):
            raise InputError(f"a model is called {one!r}, expected a text without '/', and none of the controls' names")
    if name in models:
        raise InputError(f"the model is called '{name}' like one of `against`, expected another `name`")
    return models


@dataclass(frozen=True)
class _Plan:
    """What is computed of every model. `keys` are `seed`, `mean`, `std` and `batch_size`."""

    method: str
    options: Mapping[str, Any]
    effort: Effort
    sizes: Sizes
    keys: Mapping[str, Any]

    @property
    def attacks(self) -> list[Attack]:
        """Noise and occlusion, of the sizes that fit the images."""
        sizes, effort = self.sizes, self.effort
        subpixels = fewer(sizes.subpixels, sizes.headline, effort.budgets)
        squares = {"count": effort.squares, "radius": sizes.radius, "colors": effort.colors, "region": sizes.region}
        return [Noise(subpixels, repeats=REPEATS), Occlusion(**squares)]  # type: ignore[arg-type]

    @property
    def measures(self) -> dict[str, Any]:
        """Arguments of `measure`."""
        return {"region": self.sizes.region, "importance": "signed", "tolerance": 0.0}

    def audited(
        self,
        name: str,
        models: Mapping[str, nn.Module],
        images: Array,
        labels: Array,
        size: int,
        control: nn.Module | None,
    ) -> Audit:
        """The audit of the model `name`, whose untrained network is `control`."""
        if control is not None and (shared := shared_weights(control, models[name])):
            raise InputError(f"untrained has '{shared}' of the model {name}, expected a network before its training")
        began = time.perf_counter()
        predictions = {one: self.predicted(network, images, labels) for one, network in models.items()}
        forward = (time.perf_counter() - began) / len(predictions[name])
        others = [one for one in models if one != name]
        hints = {one: oddities(models[one], _pixels(models[one], images)) for one in (name, *others)}
        _refuse_near_chance(name, predictions[name], hints[name])
        choosing = others or [name]
        sample, notes = _sample(images, {one: predictions[one] for one in choosing}, size, self.keys["seed"])
        self.tell(len(sample.labels), forward)
        maps = {one: self.maps(network, sample) for one, network in models.items()}
        attacks = {f"{one}/{self.method}": self.attacked(models[one], sample, values) for one, values in maps.items()}
        ginis = {
            f"{one}/{self.method}": measure(values, sample.indices, **self.measures) for one, values in maps.items()
        }
        cards = {one: _card(one, network) for one, network in models.items()}
        networks = {} if control is None else {cards[name]["architecture"]["name"]: control}
        settings = {"measures": self.measures, **self.keys, **self.options}
        controls = control_table(networks, sample, self.method, **settings)
        results = Results(cards, {}, sample, predictions, ginis, attacks, controls)
        tables = build_tables(results, Settings(self.sizes.headline, seed=self.keys["seed"]), [name])
        odd = [f"{one}: {hint}" for one, said in hints.items() for hint in said]
        if control is None:
            notes.append("no untrained network to compare with: its Gini indices are not 0; `untrained=` takes one")
        return Audit(name, self.method, tables, sample, maps, self.keys["mean"], self.keys["std"], odd + notes)

    def predicted(self, model: nn.Module, images: Array, labels: Array) -> pd.DataFrame:
        """The columns `label`, `prediction` and `margin`, a row an image."""
        pixels = _pixels(model, images)
        truth = as_labels(labels, pixels)
        refuse_beyond(truth, classes_of(model, pixels, self.keys["batch_size"]))
        predictions = predict(model, pixels, self.keys["batch_size"])
        return pd.DataFrame(
            {"label": truth.cpu().numpy(), "prediction": predictions.labels, "margin": predictions.margin}
        )

    def maps(self, model: nn.Module, sample: Sample) -> np.ndarray:
        """Attribution maps of the sample, float32 (N, C, H, W)."""
        keys = {"indices": sample.indices, **self.keys, **self.options}
        return attribute(model, sample.images, sample.labels, self.method, **keys)  # type: ignore[type-var]

    def attacked(self, model: nn.Module, sample: Sample, maps: np.ndarray) -> dict[str, Outcome]:
        """What the model predicts under each attack, by its name."""
        keys = {"where": WHERE, "draws": DRAWS, "indices": sample.indices, **self.keys}
        images: Any = sample.images
        return {one.name: attack_outcome(one, model, images, sample.labels, maps, **keys) for one in self.attacks}

    def tell(self, images: int, forward: float) -> None:
        """Log how long so many images take, where that is long; `forward` are the seconds of a pass of all models."""
        if (total := images * forward * self.passes) > LONG:
            quick = min(images, QUICK.images) * forward * replace(self, effort=QUICK).passes
            short = "" if self.effort is QUICK else f"; with quick=True about {duration(quick)}"
            LOGGER.warning("the audit of %d images takes about %s%s", images, duration(total), short)

    @property
    def passes(self) -> int:
        """Forward passes of an image, in time: of its attacks, and of its maps with those of an untrained network."""
        tries = (
            prod(map(len, one.budgets.values())) * len(one.settings) * (one.repeats + DRAWS) for one in self.attacks
        )
        return sum(tries) + 2 * GRADIENT * gradients(self.method, self.options)


def _refuse_near_chance(name: str, predictions: pd.DataFrame, hints: Sequence[str]) -> None:
    """Raise `InputError` where a model is right about as often as chance, with what is odd of its answers."""
    labels, predicted = predictions["label"].to_numpy(), predictions["prediction"].to_numpy()
    if near_chance(labels, predicted):
        accuracy, unknown = float((labels == predicted).mean()), "its normalisation or the classes may be others"
        sentence = chance_sentence(accuracy, len(labels), chance(labels, predicted), hints, unknown)
        raise InputError(f"{name}: {sentence}")


def _pixels(model: nn.Module, images: Array) -> torch.Tensor:
    """The images (N, C, H, W) on the model's device."""
    return as_images(images, device_of(model))


def _plan(
    model: nn.Module,
    images: Array,
    mean: Channels | None,
    std: Channels | None,
    method: str,
    options: Mapping[str, Any],
    effort: Effort,
    seed: int,
    batch_size: int,
) -> _Plan:
    """All that can be checked before anything is computed."""
    register(method)
    device_of(model)  # says what is no module
    pixels = as_images(images)
    space = zip(("mean", "std"), normalisation(model, pixels, mean, std), strict=True)
    keys = {"seed": check_int("seed", seed, 0), "batch_size": check_int("batch_size", batch_size, 1)}
    keys |= {key: values.flatten().tolist() for key, values in space}
    return _Plan(method, options_of(method, options), effort, sizes_for(pixels.shape[1:]), keys)


def _sample(images: Array, predictions: Mapping[str, pd.DataFrame], size: int, seed: int) -> tuple[Sample, list[str]]:
    """A draw of `size` images that all of these models classify correctly, or all there are, which is then said."""
    right = [(table["label"] == table["prediction"]).to_numpy() for table in predictions.values()]
    count, notes = evaluated_count(right, size)
    labels = next(iter(predictions.values()))["label"].to_numpy()
    classes = {model: table["prediction"].to_numpy() for model, table in predictions.items()}
    at = draw_sample(labels, classes, count, seed)
    pixels = as_images(images).cpu().numpy()[at]
    return Sample(pixels, labels[at], at, tuple(map(str, range(int(labels.max()) + 1)))), notes


def _card(name: str, model: nn.Module) -> dict[str, Any]:
    """What tables say of a model that nobody describes."""
    network = type(model.network if isinstance(model, Normalized) else model).__name__
    training = {"norm": "unknown", "epsilon": 0, "cutout": 0}
    return {"title": name, "family": name, "architecture": {"name": network}, "train": training}
