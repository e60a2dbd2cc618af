"""A kernel of torch that computes wrongly without AVX-512: trainings are right all the same, and the same each time."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional
from trainings import HELD_OUT, NETWORK, RECIPE, SCHEDULE, TRAIN

from ineq.models.architectures import build
from ineq.models.forward import frozen
from ineq.models.kernels import sound_backward
from ineq.models.training import train

torch.set_num_threads(1)
OLD_CPU = {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"}


def step(network: nn.Module, sound: bool) -> list[torch.Tensor]:
    """The loss and the weights after a step of gradient descent, with our way or without oneDNN altogether."""
    images = torch.rand(16, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    labels = torch.arange(16) % 10
    torch.backends.mkldnn.enabled = sound
    loss = functional.cross_entropy(network(images), labels)
    with sound_backward(network):
        loss.backward()
    torch.backends.mkldnn.enabled = True
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    optimizer.step()
    return [loss.detach(), *(parameter.detach() for parameter in network.parameters())]


def narrow(stride: int | tuple[int, int], groups: int) -> nn.Module:
    """A network that ends with a convolution of the kind that goes wrong."""
    torch.manual_seed(0)
    layers = (nn.Conv2d(3, 6, 3, padding=1), nn.ReLU(), nn.Conv2d(6, 32, 1, stride, groups=groups))
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10))


def check() -> None:
    """What is right on every CPU; in a process of its own, since what is wrong crashes or spoils all that follows."""
    networks = [lambda: build({**NETWORK["architecture"], "channels": 3}, seed=1)]
    networks += [lambda s=s, g=g: narrow(s, g) for s in (2, 3, 4, (2, 1)) for g in (1, 2)]
    for make in networks:
        ours, plain = (step(make().to(memory_format=torch.channels_last), sound) for sound in (True, False))
        torch.testing.assert_close(ours, plain, rtol=1e-4, atol=1e-5)
    for _ in range(3):
        model = train(TRAIN, HELD_OUT, **NETWORK, recipe=RECIPE, schedule=SCHEDULE).model
        values = b"".join(tensor.numpy().tobytes() for tensor in model.state_dict().values())
        print(hashlib.sha256(values).hexdigest())


def test_training_is_right_on_a_cpu_without_avx512() -> None:
    folders = [str(folder) for folder in Path(__file__).parents[:2]]
    code = f"import sys; sys.path[:0] = {folders!r}; import test_kernels; test_kernels.check()"
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **OLD_CPU, "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    sums = ended.stdout.split()
    assert len(sums) == 3 and len(set(sums)) == 1


def test_other_networks_keep_their_kernels() -> None:
    wide = build({"name": "resnet8", "width": 16, "channels": 1, "classes": 10})
    with sound_backward(wide):
        assert torch.backends.mkldnn.enabled
    with sound_backward(build(NETWORK["architecture"])):
        assert not torch.backends.mkldnn.enabled
    assert torch.backends.mkldnn.enabled


def test_frozen_weights_ask_again_for_gradients() -> None:
    network = narrow(2, 1)
    network[0].weight.requires_grad_(False)  # type: ignore[union-attr]
    before = [parameter.requires_grad for parameter in network.parameters()]
    with frozen(network):
        assert not any(parameter.requires_grad for parameter in network.parameters())
    assert [parameter.requires_grad for parameter in network.parameters()] == before
