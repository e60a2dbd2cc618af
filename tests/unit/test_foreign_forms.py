"""Checkpoints as trainers, wrappers and converters write them: whatever stands before the names, the same function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file, save_model
from torch import nn
from torch.optim.swa_utils import AveragedModel

from ineq.errors import InputError
from ineq.models.architectures import build
from ineq.models.checkpoint import load_checkpoint, save_checkpoint
from ineq.models.foreign import load_foreign
from ineq.models.foreign_networks import ALLOWED
from ineq.models.normalized import Normalized

ARCHITECTURE = {"name": "resnet8", "width": 4, "channels": 3, "classes": 5}
NORMALISATION = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
NETWORK = build(ARCHITECTURE, seed=3)
WEIGHTS = NETWORK.state_dict()
OTHER = build(ARCHITECTURE, seed=4).state_dict()
IMAGES = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))


def before(prefix: str, weights: Mapping[str, torch.Tensor] = WEIGHTS) -> dict[str, torch.Tensor]:
    return {f"{prefix}{name}": tensor for name, tensor in weights.items()}


def averaged() -> dict[str, Any]:
    return AveragedModel(nn.DataParallel(NETWORK)).state_dict()


def compiled_layer() -> dict[str, Any]:
    """One layer of the network, not all of it, was compiled."""
    return {name.replace("3.", "3._orig_mod.", 1) if name.startswith("3.") else name: t for name, t in WEIGHTS.items()}


def recursive() -> dict[str, Any]:
    """A trainer that saved itself."""
    content: dict[str, Any] = {"net": WEIGHTS}
    content["trainer"] = [content]
    return content


FORMS: dict[str, Callable[[], Any]] = {
    "net, as most repositories for CIFAR": lambda: {"net": before("module."), "acc": 95.1, "epoch": 3},
    "torch.compile": lambda: before("_orig_mod."),
    "torch.compile in DistributedDataParallel": lambda: {"model": before("module._orig_mod.")},
    "this project's Normalized": lambda: Normalized(NETWORK, **NORMALISATION).state_dict(),
    "Lightning": lambda: {"state_dict": {**before("net."), "val_acc.total": torch.zeros(1)}, "hyper_parameters": {}},
    "Lightning with a loss": lambda: {"state_dict": {**before("model."), "criterion.weight": torch.ones(5)}},
    "AveragedModel": averaged,
    "a key that nobody knows": lambda: {"student_weights": before("backbone.encoder."), "optimizer": {"state": {}}},
    "two keys deep": lambda: {"checkpoint": {"modules": {"classifier": WEIGHTS}}},
    "a list": lambda: [WEIGHTS, {"lr": 0.1}],
    "a layer of it compiled": compiled_layer,
    "a layer in DataParallel": lambda: {f"{n[0]}.module{n[1:]}" if n[0] == "4" else n: t for n, t in WEIGHTS.items()},
    "FSDP": lambda: {"state": before("_fsdp_wrapped_module.")},
    "double precision": lambda: {n: t.double() if t.is_floating_point() else t for n, t in WEIGHTS.items()},
    "the same twice": lambda: {"state_dict": WEIGHTS, "best": before("module.")},
    "another network beside it": lambda: {"net": WEIGHTS, "ema": build({**ARCHITECTURE, "width": 8}).state_dict()},
    "one that holds itself": recursive,
    "parameters with notes on them": lambda: {"model": noted()},
}


def noted() -> dict[str, Any]:
    """As torch writes parameters that something was written on."""
    network = build(ARCHITECTURE, seed=3)
    for weights in network.parameters():
        weights.no_decay = True  # type: ignore[attr-defined]
    return network.state_dict(keep_vars=True)


def load(path: Path, content: Any, **changes: Any) -> Normalized:
    torch.save(content, path)
    return load_foreign(path, **{"architecture": ARCHITECTURE, "normalisation": NORMALISATION, **changes})


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_function(form: str, tmp_path: Path) -> None:
    model = load(tmp_path / "model.pt", FORMS[form]())
    expected = Normalized(NETWORK, **NORMALISATION).eval()
    assert torch.equal(model(IMAGES), expected(IMAGES))


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16])
def test_weights_in_half_precision_are_taken_as_they_are(kind: torch.dtype, tmp_path: Path) -> None:
    lower = {name: tensor.to(kind) if tensor.is_floating_point() else tensor for name, tensor in WEIGHTS.items()}
    state = load(tmp_path / "model.pt", {"model": lower}).network.state_dict()
    assert all(torch.equal(state[name], tensor.to(state[name].dtype)) for name, tensor in lower.items())


@pytest.mark.parametrize(
    ("content", "keys"),
    [
        ({"state_dict": WEIGHTS, "state_dict_ema": OTHER}, "'state_dict', 'state_dict_ema'"),
        ({"net": WEIGHTS, "model_ema": before("module.", OTHER)}, "'net', 'model_ema.module'"),
        ({"state_dict": before("student.") | before("teacher.", OTHER)}, "'state_dict.student', 'state_dict.teacher'"),
        ({**WEIGHTS, "ema": OTHER}, "no key, 'ema'"),
        ({"last": WEIGHTS, "best": OTHER}, "'last', 'best'"),
    ],
)
def test_which_of_several_is_not_guessed(content: Any, keys: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"several state dicts of the network that differ, under {keys}, expected one"):
        load(tmp_path / "model.pt", content)


def test_another_networks_weights_are_no_part_of_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"lacks \d+ tensors of the network"):
        load(tmp_path / "model.pt", {"net": {name: t for name, t in WEIGHTS.items() if not name.startswith("4.")}})
    with pytest.raises(InputError, match=r"is float32 .*, expected float32"):
        load(tmp_path / "model.pt", {"net": build({**ARCHITECTURE, "width": 8}).state_dict()})


INNER = """
import torch
from torch import nn


class Tied(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.fc = nn.Linear(12, num_classes)
        self.classifier = self.fc

    def forward(self, images):
        return self.fc(images.flatten(1))


class TiedWeight(Tied):
    def __init__(self, num_classes):
        super().__init__(num_classes)
        self.first = nn.Linear(12, num_classes)
        self.first.weight = self.fc.weight

    def forward(self, images):
        return super().forward(images) + self.first(images.flatten(1))


class TiedNorm(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        norm = nn.BatchNorm2d(3)
        self.body = nn.Sequential(norm, nn.ReLU(), norm)
        self.fc = nn.Linear(12, num_classes)

    def forward(self, images):
        return self.fc(self.body(images).flatten(1))


class Tower(TiedNorm):
    def __init__(self, num_classes):
        super().__init__(num_classes)
        self.again = nn.ModuleList([self.body, self.body, self.fc])
"""
TIED = ("Tied", "TiedWeight", "TiedNorm", "Tower")


@pytest.fixture
def tied_nets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tied_nets.py").write_text(INNER)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv(ALLOWED, "tied_nets")


@pytest.mark.parametrize("name", TIED)
@pytest.mark.usefixtures("tied_nets")
def test_a_layer_under_two_names_is_converted_and_loaded(name: str, tmp_path: Path) -> None:
    about: dict[str, Any] = {"architecture": {"name": f"tied_nets.{name}", "channels": 3, "classes": 4}}
    about["normalisation"] = {"mean": [0.0] * 3, "std": [1.0] * 3}
    network, images = build(about["architecture"], seed=2).eval(), torch.rand(2, 3, 2, 2)
    model = load(tmp_path / "model.pt", network.state_dict(), **about)
    for file in ("a", "b"):
        save_checkpoint(tmp_path / file, model, stage="convert", **about, parameters={})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    back = load_checkpoint(tmp_path / "a", **about)
    assert torch.equal(back(images), network(images)) and torch.equal(model(images), network(images))
    # The pair that was one tensor still is.
    assert len({*map(id, back.parameters())}) == len({*map(id, network.parameters())})
    # safetensors' own way to save such a network leaves the other names out.
    save_model(network, str(tmp_path / "half.safetensors"))
    assert torch.equal(load_foreign(tmp_path / "half.safetensors", **about)(images), network(images))


@pytest.mark.usefixtures("tied_nets")
def test_a_layer_that_differs_under_its_names_is_refused(tmp_path: Path) -> None:
    architecture = {"name": "tied_nets.Tied", "channels": 3, "classes": 4}
    state = build(architecture, seed=2).state_dict()
    save_file({name: tensor + ("classifier" in name) for name, tensor in state.items()}, tmp_path / "model.safetensors")
    with pytest.raises(InputError, match=r"'fc\.weight' and 'classifier\.weight' differ, but are one tensor"):
        load_foreign(tmp_path / "model.safetensors", architecture=architecture, normalisation=NORMALISATION)
