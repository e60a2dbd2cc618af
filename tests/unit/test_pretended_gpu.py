"""A pretended GPU: what it refuses; and functions give there what they give on the CPU, where they are given it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from pretended.interface import COUNT, IMAGES, INTERFACE, LABELS, MAPS, network, on, tensors
from pretended.pretended_gpu import CPU, GPU, PretendedGPU
from torch import nn
from trainings import HELD_OUT, NETWORK, RECIPES, SCHEDULE, TRAIN, killed_after, result

import ineq
from ineq import device
from ineq.attacks.autoattack import auto_attack
from ineq.attacks.noise import Noise
from ineq.attacks.occlusion import Occlusion
from ineq.attacks.run import attack_outcome
from ineq.attacks.transfer import Budgets, transfer
from ineq.data.checks import as_images
from ineq.data.random_fields import normal_fields, permutations, uniform_numbers
from ineq.models import training
from ineq.models.checkpoint import save_checkpoint
from ineq.models.forward import predict_logits
from ineq.models.job import load_model
from ineq.models.pgd import pgd

torch.set_num_threads(1)
BUDGETS = Budgets(
    "black", [{"count": 2, "radius": 2}], subpixels=2, repeats=1, clip=True, region=2, importance="signed"
)


@pytest.fixture
def gpu() -> Iterator[PretendedGPU]:
    with PretendedGPU().present() as gpu:
        yield gpu


CARD = {"architecture": NETWORK["architecture"], "normalisation": {"mean": [0.3], "std": [0.4]}}


REFUSED: dict[str, Callable[[torch.Tensor, torch.Tensor], Any]] = {
    "a sum": lambda here, there: there + here,
    "a sum in place": lambda here, there: here.add_(there),
    "parts of one tensor": lambda here, there: torch.cat([there, here]),
    "a product of matrices": lambda here, there: there @ here,
    "a choice": lambda here, there: torch.where(here > 0, there, there),
    "a mask": lambda here, there: there.masked_fill(here > 0, 0),
    "a scatter": lambda here, there: there.scatter(1, here.long(), 1.0),
    "an index that is farther": lambda here, there: here[there[0].long()],
    "values at an index": lambda here, there: there.index_put((torch.tensor([0]),), here[:1]),
    "a number that is farther": lambda here, there: here + there.sum(),
    "a layer": lambda here, there: nn.Linear(2, 2)(there),
    "a view": lambda here, there: there.t() + here,
    "numpy": lambda here, there: there.numpy(),
    "an array": lambda here, there: np.asarray(there),
    "a view as numpy": lambda here, there: there[0].detach().numpy(),
}
ALLOWED: dict[str, Callable[[torch.Tensor, torch.Tensor], Any]] = {
    "a number": lambda here, there: there + here.sum(),
    "an index": lambda here, there: there[here[0].long()],
    "a copy into": lambda here, there: there.copy_(here),
    "a move": lambda here, there: there + here.to(there.device),
    "like another": lambda here, there: there + here.to(there),
    "made there": lambda here, there: there + torch.ones(2, 2, device=there.device),
    "made like it": lambda here, there: there + torch.zeros_like(there) + there.new_ones(2, 2),
    "a whole layer": lambda here, there: nn.Linear(2, 2).to(there.device)(there),
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_refuses_what_cuda_refuses(gpu: PretendedGPU, what: str) -> None:
    with pytest.raises((RuntimeError, TypeError), match=r"same device|cuda:0 device type"):
        REFUSED[what](torch.ones(2, 2), torch.ones(2, 2, device="cuda"))


@pytest.mark.parametrize("what", ALLOWED)
def test_it_takes_what_cuda_takes(gpu: PretendedGPU, what: str) -> None:
    found = ALLOWED[what](torch.ones(2, 2), torch.ones(2, 2).cuda())
    assert found.device == GPU and found.is_cuda and found.cpu().device == CPU


@pytest.mark.parametrize("where", [None, "cpu", "cuda"])
def test_what_is_saved_comes_back_to_where_it_was_or_is_told_to(gpu: PretendedGPU, where: str | None) -> None:
    saved = {"here": torch.ones(2), "there": torch.ones(2, device="cuda")}
    torch.save(saved, file := BytesIO())
    file.seek(0)
    found = torch.load(file, map_location=where)
    for name, place in {"here": "cpu", "there": "cuda"}.items():
        assert found[name].device.type == (where or place) and found[name].tolist() == [1, 1]


@pytest.mark.parametrize("name", INTERFACE)
def test_the_interface_gives_on_it_what_it_gives_on_the_cpu(name: str) -> None:
    wanted = tensors(INTERFACE[name](network(), *(on("cpu", values) for values in (IMAGES, LABELS, MAPS))))
    with PretendedGPU().present():
        given = [on("cuda", values) for values in (IMAGES, LABELS, MAPS)]
        found = tensors(INTERFACE[name](network().to("cuda"), *given))
        assert wanted and found.keys() == wanted.keys()
        for key, tensor in found.items():
            assert tensor.device == GPU, f"{key} comes back where the images were"
            assert torch.equal(tensor.cpu(), wanted[key]), key


DRAWN: dict[str, Callable[..., torch.Tensor]] = {
    "normal_fields": partial(normal_fields, shape=(3, 5, 7)),
    "permutations": partial(permutations, size=101),
    "uniform_numbers": uniform_numbers,
}


# Keys of several seeds: each has two words, and either may be below 2⁶³ or not.
@pytest.mark.parametrize("seed", [*range(8), 2**70])
@pytest.mark.parametrize("name", DRAWN)
def test_random_fields_are_those_of_the_cpu(name: str, seed: int, gpu: PretendedGPU) -> None:
    key: dict[str, Any] = {"seed": seed, "purpose": "p", "indices": [0, 5, 2**33], "draw": 4}
    given = DRAWN[name](**key, device=GPU)
    assert given.device == GPU and gpu.counts["waits"] == 0
    expected = DRAWN[name](**key)
    assert expected.device == CPU and torch.equal(given.cpu(), expected)


@pytest.mark.parametrize("name", RECIPES)
def test_training_goes_on_after_a_kill_and_gives_the_same_bytes(name: str, tmp_path: Path) -> None:
    options = {"recipe": RECIPES[name], "schedule": replace(SCHEDULE, epochs=2, ramp_epochs=1)}

    def train(state: Path | None = None, **more: Any) -> training.TrainedModel:
        return training.train(TRAIN, HELD_OUT, **NETWORK, **options, state=state, state_key="key", **more)

    wanted = result(train(), tmp_path / "cpu")
    with PretendedGPU().present():
        with pytest.raises(KeyboardInterrupt):
            train(tmp_path / "state", report=killed_after(1))
        lines: list[str] = []
        assert result(train(tmp_path / "state", report=lines.append), tmp_path / "gpu") == wanted
        assert lines[0].startswith("training goes on after epoch 1")


def test_in_bfloat16_a_model_gives_what_a_cpu_gives_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On any machine: here the CPU has bfloat16, whether it has or not."""
    monkeypatch.setattr(device, "_has_bfloat16", lambda: True)
    save_checkpoint(tmp_path / "model", network(), stage="train", **CARD, parameters={})

    def logits() -> torch.Tensor:
        model = load_model(tmp_path / "model", CARD, {"threads": 1, "precision": "bfloat16"})
        assert {value.dtype for value in model.network.parameters()} == {torch.bfloat16}
        return predict_logits(model, as_images(IMAGES, device.device()))

    wanted = logits()
    with PretendedGPU().present():
        assert torch.equal(logits(), wanted)


def test_autoattack_gives_the_same_outcomes() -> None:
    def attacked(place: str) -> np.ndarray:
        images = on(place, IMAGES)
        labels = predict_logits(network().to(place), images).argmax(1).to(place)
        # Every image falls under the first attack: the others cost minutes.
        return auto_attack(network().to(place), images, labels, epsilon=0.9, norm="linf", seed=0)

    wanted = attacked("cpu")
    with PretendedGPU().present():
        assert attacked("cuda").tolist() == wanted.tolist()


def test_transfer_gives_the_same_table() -> None:
    def table(place: str) -> Any:
        models = {name: network().to(place) for name in ("one", "other")}
        return transfer("one", models, IMAGES, LABELS, MAPS, BUDGETS, indices=np.arange(COUNT), seed=0)

    wanted = table("cpu")
    with PretendedGPU().present():
        assert table("cuda").equals(wanted)


WORK: dict[str, Callable[[nn.Module, torch.Tensor, torch.Tensor, torch.Tensor], Any]] = {
    "predict": lambda model, images, labels, maps: predict_logits(model, images),
    "integrated gradients": lambda model, images, labels, maps: ineq.attribute(model, images, labels),
    "noise": lambda *given: attack_outcome(Noise([2, 8], repeats=2), *given, draws=2),
    "occlusion": lambda *given: attack_outcome(Occlusion(3, 2, ["black"], 2), *given, where=("important",)),
    "pgd": lambda model, images, labels, maps: pgd(model, images, labels, epsilon=0.1, steps=7, step_size=0.02),
}
"""What a user waits for, on 4 images."""
WAITS = {"predict": 1, "integrated gradients": 9, "noise": 30, "occlusion": 16, "pgd": 0}
"""How often the CPU waits for the GPU in each: a bound, which later work on speed lowers."""


@pytest.mark.parametrize("name", WORK)
def test_the_cpu_waits_no_more_often_than_now(name: str, gpu: PretendedGPU) -> None:
    model = network().to("cuda")
    given = [on("cuda", values) for values in (IMAGES, LABELS, MAPS)]
    gpu.counts.clear()
    WORK[name](model, *given)
    print(f"{name}: for {COUNT} images {dict(gpu.counts)}")
    assert gpu.counts["waits"] <= WAITS[name], gpu.counts
