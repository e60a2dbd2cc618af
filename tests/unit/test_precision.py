"""bfloat16 instead of float32: what it changes on the shipped models is small, and bounded here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from ineq import device
from ineq.attacks.noise import Noise
from ineq.attacks.occlusion import Occlusion
from ineq.attacks.run import attack_outcome
from ineq.attribution.methods import attribute
from ineq.config.compose import study_parameters
from ineq.config.loader import load_card
from ineq.data.sources import SOURCES
from ineq.inequality.measures import gini
from ineq.models.forward import predict_labels
from ineq.models.job import load_model
from ineq.models.normalized import Normalized

ROOT = Path(__file__).resolve().parents[2]
STUDY = study_parameters(ROOT, "cifar10")
IMAGES = 40
BOTH = ("float32", "bfloat16")
GRID = {"region": 4, "count": 10, "radius": 4, "colors": ["black"]}


def loaded(model: str, precision: str) -> Normalized:
    card = load_card(ROOT, "cifar10", model).model_dump()
    path = ROOT / "models/cifar10" / f"{model}.safetensors"
    return load_model(path, card, {"threads": 1, "precision": precision})


@pytest.fixture(scope="module")
def sample() -> tuple[np.ndarray, np.ndarray]:
    data = STUDY.data
    found = SOURCES[data.name](ROOT / data.path, data.shape, held_out=data.held_out, seed=data.seed)
    images, labels = (part["test"][:IMAGES] for part in (found.images, found.labels))
    return images.astype(np.float32) / np.float32(found.scale), labels


@pytest.fixture
def lowered(monkeypatch: pytest.MonkeyPatch) -> None:
    """bfloat16 wherever this runs, emulated or not: the bounds are of the numbers, not of the machine."""
    monkeypatch.setattr(device, "_has_bfloat16", lambda: True)


@pytest.mark.usefixtures("lowered")
@pytest.mark.parametrize("model", ["standard", "linf-8"])
def test_gini_and_outcomes_hardly_move(model: str, sample: tuple[np.ndarray, np.ndarray]) -> None:
    images, labels = sample
    maps, ginis, outcomes, noise, truth = {}, {}, {}, {}, labels.astype(np.int64)
    for precision in BOTH:
        network = loaded(model, precision)
        maps[precision] = attribute(network, images, truth, steps=20, batch_size=50)
        ginis[precision] = gini(maps[precision], axis=(1, 2, 3))
        given = network, images, truth, maps[precision]
        squares = attack_outcome(Occlusion(**GRID), *given, where=("important", "least"), batch_size=50)
        outcomes[precision] = squares.prediction["important"] == truth
        fooled = attack_outcome(Noise([102], repeats=10), *given, where=("important",), batch_size=50)
        noise[precision] = np.ravel(fooled.prediction["important"])
    exact, lower = (ginis[precision] for precision in BOTH)
    assert not np.array_equal(exact, lower), "two precisions, then"
    assert abs(exact.mean() - lower.mean()) < 0.001 and np.abs(exact - lower).max() < 0.01
    for found in (outcomes, noise):
        one, other = (found[precision] for precision in BOTH)
        assert one.size and (one != other).mean() < 0.04, "single outcomes: equal regions change places"
    rates = [outcomes[precision].mean() for precision in BOTH]
    assert abs(rates[0] - rates[1]) < 0.01, "what the tables show"


@pytest.mark.usefixtures("lowered")
def test_a_lowered_model_takes_and_gives_float32(sample: tuple[np.ndarray, np.ndarray]) -> None:
    images = torch.from_numpy(sample[0]).to(device.device()).requires_grad_()
    network = loaded("linf-8", "bfloat16")
    logits = network(images)
    (gradient,) = torch.autograd.grad(logits.sum(), images)
    assert logits.dtype == gradient.dtype == torch.float32
    assert {value.dtype for value in network.network.parameters()} == {torch.bfloat16}
    exact = loaded("linf-8", "float32")(images)
    torch.testing.assert_close(logits, exact, rtol=0.02, atol=0.1)


def test_without_bfloat16_it_is_float32(monkeypatch: pytest.MonkeyPatch, sample: tuple[np.ndarray, np.ndarray]) -> None:
    monkeypatch.setattr(device, "_has_bfloat16", lambda: False)
    images = torch.from_numpy(sample[0]).to(device.device())
    exact, other = (predict_labels(loaded("standard", precision), images, 50) for precision in BOTH)
    assert device.number_type("bfloat16") == torch.float32 and np.array_equal(exact, other)
