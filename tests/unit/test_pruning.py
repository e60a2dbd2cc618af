"""Pruning: exactly the share asked for goes, stays gone while the model is trained on, and a kill leaves no trace."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional
from trainings import HELD_OUT, NETWORK, RECIPE, SCHEDULE, TRAIN, killed_after, result

from ineq.errors import InputError
from ineq.models.architectures import BasicBlock, build
from ineq.models.checkpoint import load_checkpoint
from ineq.models.normalized import Normalized
from ineq.models.pruning import KINDS, prune_and_tune, put_masks, remove_masks, zeros
from ineq.models.training import TrainedModel, train

torch.set_num_threads(1)

TUNING = replace(SCHEDULE, epochs=2, learning_rate=0.02, ramp_epochs=0)
AMOUNT = 0.3
IMAGES = torch.from_numpy(HELD_OUT.images[:20])


@pytest.fixture(scope="module")
def base() -> Normalized:
    return train(TRAIN, HELD_OUT, **NETWORK, recipe=RECIPE, schedule=SCHEDULE).model


def tuned(base: Normalized, kind: str, path: Path | None = None, **changes: Any) -> TrainedModel:
    options = {"recipe": RECIPE, "schedule": TUNING, "state": path, "state_key": "key", **changes}
    return prune_and_tune(base, TRAIN, HELD_OUT, kind=kind, amount=AMOUNT, **NETWORK, **options)


def pruned(network: nn.Module, kind: str, amount: float = AMOUNT) -> Normalized:
    """Pruned without training on."""
    model = Normalized(network, [0.3] * 3, [0.4] * 3).eval()
    put_masks(model, kind=kind, amount=amount, images=torch.rand(20, 3, 16, 16))
    remove_masks(model)
    return model


@pytest.mark.parametrize("kind", KINDS)
def test_the_share_asked_for_is_zero_and_stays_zero(base: Normalized, kind: str, tmp_path: Path) -> None:
    found = tuned(base, kind)
    rows = zeros(found.model)
    assert len(rows) == 8, "all convolutions of a ResNet-8 but the first"
    for row in rows:
        wanted = round(AMOUNT * row["filters" if kind == "filters" else "weights"])
        assert row["zero_filters" if kind == "filters" else "zero_weights"] == wanted > 0
    # Those with the least norm went: nothing was pruned anew while training on.
    for name, layer in found.model.network.named_modules():
        if isinstance(layer, nn.Conv2d):
            before = cast(torch.Tensor, base.network.get_parameter(f"{name}.weight"))
            norms = before.abs().flatten(1).sum(1) if kind == "filters" else before.abs().flatten()
            gone = (layer.weight == 0).flatten(1).all(1) if kind == "filters" else (layer.weight == 0).flatten()
            assert not gone.any() or norms[gone].max() <= norms[~gone].min(), name
            assert not torch.equal(layer.weight, before), "it was trained on"
    assert [row["epsilon"] for row in found.log] == [RECIPE.epsilon] * 2
    assert found.log[-1]["loss"] < found.log[0]["loss"]
    result(found, tmp_path / "checkpoint")
    loaded = load_checkpoint(tmp_path / "checkpoint", **NETWORK)
    assert torch.allclose(loaded(IMAGES), found.model.cpu()(IMAGES), atol=1e-5)


def test_a_model_with_pruned_filters_is_one_whose_filters_are_cut(base: Normalized) -> None:
    model = tuned(base, "filters").model.cpu()
    blocks = [block for block in model.modules() if isinstance(block, BasicBlock)]
    seen: list[torch.Tensor] = []
    for block in blocks:
        # Copies, because a block adds and rectifies in place.
        block.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0].clone()))
        block.bn2.register_forward_hook(lambda module, inputs, output: seen.append(output.clone()))
    model(IMAGES)
    for block, (given, after) in zip(blocks, zip(seen[::2], seen[1::2], strict=True), strict=True):
        gone = (block.conv2.weight == 0).flatten(1).all(1)
        assert gone.any() and (after[:, gone] == 0).all() and (after[:, ~gone] != 0).any()
        kept = ~(block.conv1.weight == 0).flatten(1).all(1)
        norm = cast(nn.BatchNorm2d, block.bn1)
        assert norm.running_mean is not None and norm.running_var is not None
        inner = functional.conv2d(given, block.conv1.weight[kept], stride=block.conv1.stride, padding=1)
        inner = functional.batch_norm(
            inner, norm.running_mean[kept], norm.running_var[kept], norm.weight[kept], norm.bias[kept]
        )
        cut = block.bn2(functional.conv2d(inner.relu(), block.conv2.weight[:, kept], padding=1))
        assert torch.allclose(cut, after, atol=1e-5)


def test_a_pruned_channel_of_a_densenet_is_gone_wherever_it_goes() -> None:
    network = build({"name": "densenet40", "width": 4, "channels": 3, "classes": 10})
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.normal_(layer.bias, generator=torch.Generator().manual_seed(0))
    model = pruned(network, "filters")
    seen: list[tuple[torch.Tensor, torch.Tensor]] = []
    norms = [layer for layer in model.modules() if isinstance(layer, nn.BatchNorm2d)]
    for norm in norms:
        norm.register_forward_hook(lambda module, inputs, output: seen.append((inputs[0], output.clone())))
    model(torch.rand(8, 3, 16, 16))
    silent = [(before == 0).all(3).all(2).all(0) for before, _ in seen]
    assert sum(channels.any() for channels in silent) > len(norms) / 2
    for channels, (_, after) in zip(silent, seen, strict=True):
        assert (after[:, channels] == 0).all() and (after[:, ~channels] != 0).any()


@pytest.mark.parametrize("kind", KINDS)
def test_a_stopped_run_goes_on_as_if_nothing_had_happened(base: Normalized, kind: str, tmp_path: Path) -> None:
    lines: list[str] = []
    undisturbed = result(tuned(base, kind), tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        tuned(base, kind, tmp_path / "state", report=killed_after(1))
    assert result(tuned(base, kind, tmp_path / "state", report=lines.append), tmp_path / "again") == undisturbed
    assert lines[0].startswith("training goes on after epoch 1") and len(lines) == 2


def test_single_weights_go_layer_by_layer_and_the_first_layer_stays_whole() -> None:
    for name, amount in (("resnet18", 0.8), ("densenet40", 0.05)):
        model = pruned(build({"name": name, "width": 4, "channels": 3, "classes": 10}), "weights", amount)
        assert [row["zero_weights"] for row in zeros(model)] == [round(amount * row["weights"]) for row in zeros(model)]
        first = next(layer for layer in model.modules() if isinstance(layer, nn.Conv2d))
        assert (first.weight != 0).all()
        assert np.isfinite(model(torch.rand(2, 3, 16, 16)).detach().numpy()).all()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"kind": "filter"}, "unknown kind of pruning 'filter'.*did you mean 'filters'"),
        ({"amount": 1.0}, "amount of pruning is 1.0, expected a share"),
        ({"amount": 0.0}, "amount of pruning is 0.0, expected a share"),
    ],
)
def test_what_cannot_be_pruned_is_one_sentence(base: Normalized, change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        put_masks(base, **{"kind": "weights", "amount": 0.5, "images": IMAGES, **change})
