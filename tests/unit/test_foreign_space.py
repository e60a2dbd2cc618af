"""A normalisation that travels in a checkpoint: whatever it is called, it is compared with the card's, or used."""

from __future__ import annotations

import argparse
import json
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torchvision.transforms import Compose, Normalize, ToTensor

from ineq.errors import InputError
from ineq.models.architectures import build
from ineq.models.foreign import load_foreign
from ineq.models.foreign_networks import ALLOWED
from ineq.models.foreign_space import carried_normalisation
from ineq.models.normalized import Normalized

ARCHITECTURE = {"name": "resnet8", "width": 4, "channels": 3, "classes": 5}
MEAN, STD = [0.4914, 0.4822, 0.4465], [0.2471, 0.2435, 0.2616]
CARD: dict[str, Any] = {"mean": MEAN, "std": STD}
WEIGHTS = build(ARCHITECTURE, seed=3).state_dict()


def image(values: list[float], scale: float = 1) -> torch.Tensor:
    return scale * torch.tensor(values).view(1, -1, 1, 1)


def after(prefix: str) -> dict[str, torch.Tensor]:
    return {f"{prefix}{name}": tensor for name, tensor in WEIGHTS.items()}


CARRIED: dict[str, Any] = {
    "this project's Normalized": Normalized(build(ARCHITECTURE, seed=3), MEAN, STD).state_dict(),
    "a layer before the network": {**after("1."), "0.mean": image(MEAN), "0.std": image(STD)},
    "a layer after a resize": {**after("2."), "1.mean": image(MEAN), "1.std": image(STD)},
    "mu and sigma": {**WEIGHTS, "mu": image(MEAN), "sigma": image(STD)},
    "the library robustness": {
        "model": {
            **after("module.model."),
            "module.normalizer.new_mean": image(MEAN),
            "module.normalizer.new_std": image(STD),
        }
    },
    "normalize": {**after("model."), "normalize.mean": torch.tensor(MEAN), "normalize.std": torch.tensor(STD)},
    "a preprocessing's means and sd": {
        **after("net."),
        "preprocessing.means": image(MEAN),
        "preprocessing.sd": image(STD),
    },
    "pixel values to 255": {**after("net."), "pixel_mean": image(MEAN, 255), "pixel_std": image(STD, 255)},
    "lists beside the weights": {"state_dict": WEIGHTS, "mean": MEAN, "std": tuple(STD)},
    "lists in a configuration": {"net": WEIGHTS, "config": {"data": {"image_mean": MEAN, "image_std": STD}}},
    "a list to 255": {
        "net": WEIGHTS,
        "args": {"mean_rgb": [255 * one for one in MEAN], "std_rgb": [255 * s for s in STD]},
    },
    "numpy arrays": {"state_dict": WEIGHTS, "mean": np.array(MEAN), "std": np.array(STD)},
    "numpy arrays of another kind": {
        "net": WEIGHTS,
        "mean": np.array(MEAN, ">f4").reshape(1, 3, 1, 1),
        "std": np.array(STD, "<f4"),
    },
    "numpy numbers": {"net": WEIGHTS, "mean": [np.float64(one) for one in MEAN], "std": [np.float32(s) for s in STD]},
    "Namespace": {"state_dict": WEIGHTS, "args": argparse.Namespace(mean=MEAN, std=np.array(STD), lr=0.1)},
    "SimpleNamespace": {"net": WEIGHTS, "opt": types.SimpleNamespace(mean=torch.tensor(MEAN), std=STD)},
    "a Namespace in a Namespace": {"net": WEIGHTS, "a": argparse.Namespace(b=[argparse.Namespace(mean=MEAN, std=STD)])},
    "torchvision's transforms": {"net": WEIGHTS, "transform": Compose([ToTensor(), Normalize(MEAN, STD)])},
    "std_dev": {"net": WEIGHTS, "mean": MEAN, "std_dev": STD},
    "camel case": {"net": WEIGHTS, "cfg": {"imageMean": MEAN, "imageStd": STD}},
    "a pair": {"net": WEIGHTS, "normalize": [MEAN, STD]},
    "a pair of arrays": {"net": WEIGHTS, "hparams": {"Normalise": (np.array(MEAN), torch.tensor(STD))}},
    "sigma of something else": {"net": WEIGHTS, "mean": MEAN, "std": STD, "sigma": [0.5] * 3, "mu": [0.9] * 3},
}


@pytest.mark.parametrize("new", [True, False])
@pytest.mark.parametrize("name", CARRIED)
def test_what_a_checkpoint_says_is_used_or_compared(name: str, new: bool, tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    torch.save(CARRIED[name], path, _use_new_zipfile_serialization=new)
    said = carried_normalisation(path, ARCHITECTURE)
    assert said is not None and [pytest.approx(values, abs=1e-6) for values in said] == [MEAN, STD]
    load_foreign(path, architecture=ARCHITECTURE, normalisation=CARD)
    with pytest.raises(InputError, match=r"normalises with std \[0\.2471, .*but its card says \[0\.2023, "):
        load_foreign(path, architecture=ARCHITECTURE, normalisation={**CARD, "std": [0.2023, 0.1994, 0.201]})


def test_a_safetensors_file_may_say_it_of_itself(tmp_path: Path) -> None:
    about = {"normalisation": {"mean": MEAN, "std": STD}}
    save_file(WEIGHTS, tmp_path / "model.safetensors", metadata={"ineq": json.dumps(about), "format": "pt"})
    assert carried_normalisation(tmp_path / "model.safetensors", ARCHITECTURE) == (MEAN, STD)


@pytest.mark.parametrize(
    "beside",
    [
        {},
        {"bn.mean": image([5.0, 4.0, 6.0]), "bn.std": image([2.0, 2.0, 3.0])},
        {"0.mean": image([-0.3, 0.4, 0.5]), "0.std": image(STD)},
        {"latent.mu": torch.zeros(64), "latent.sigma": torch.ones(64)},
        {"norm.running_mean": torch.tensor(MEAN), "norm.running_var": torch.tensor(STD)},
        {"mean": torch.tensor(MEAN), "std": torch.zeros(3)},
    ],
)
def test_what_is_no_pixel_mean_is_none(beside: dict[str, torch.Tensor], tmp_path: Path) -> None:
    torch.save({"model": after("net.") | beside, "metrics": {"mean": 0.9, "std": 0.1}}, tmp_path / "model.pt")
    assert carried_normalisation(tmp_path / "model.pt", ARCHITECTURE) is None
    load_foreign(tmp_path / "model.pt", architecture=ARCHITECTURE, normalisation=CARD)


def carried(content: Any, folder: Path, channels: int = 3, **options: Any) -> Any:
    architecture = {**ARCHITECTURE, "channels": channels}
    weights = build(architecture, seed=3).state_dict()
    torch.save({"state_dict": weights, **content}, folder / "model.pt", **options)
    return carried_normalisation(folder / "model.pt", architecture)


MEASURED: dict[str, Any] = {
    "accuracy over seeds": {"acc_mean": 0.97, "acc_std": 0.004},
    "top-1 accuracy": {"acc1": {"mean": [0.97, 0.96, 0.97], "std": [0.01, 0.01, 0.02]}},
    "accuracy of a test": {"test_mean": 0.97, "test_std": 0.004},
    "loss": {"loss_mean": 0.31, "loss_std": 0.05},
    "metrics of three seeds": {"metrics": {"mean": [0.9, 0.8, 0.85], "std": [0.01, 0.02, 0.01]}},
    "one metric": {"valMetrics": {"mean": [0.9], "std": [0.01]}},
    "tensors": {"history": {"reward_mean": torch.tensor(0.31), "reward_std": torch.tensor(0.05)}},
    "what nobody knows": {"history": {"mean": 0.31, "std": 0.05}},
    "how weights are drawn": {"cfg": {"init_mean": [0.0], "init_std": [0.02]}},
    "Keras's initializer": {"kernel_initializer": {"name": "RandomNormal", "config": {"mean": 0.0, "stddev": 0.05}}},
    "an object's loss": {"state": argparse.Namespace(loss=argparse.Namespace(mean=0.3, std=0.1))},
    "noise": {"noise.mu": torch.zeros(1), "noise.sigma": torch.full((1,), 0.1)},
    "a prior": {"net": {"prior.mean": torch.tensor(0.0), "prior.std": torch.tensor(1.0)}},
    "flags": {"args": argparse.Namespace(mean=True, std=True)},
    "a variance": {"mean": MEAN, "var": [value**2 for value in STD]},
    "no numbers": {"mean": [float("nan"), 0.5, 0.5], "std": [0.5, float("nan"), 0.5]},
    "huge numbers": {"mean": [10**400] * 3, "std": STD},
    "a long array": {"mean": np.full(17, 0.5), "std": np.full(17, 0.5)},
    "an array of objects": {"mean": np.array([0.5] * 3, object), "std": np.array([0.5] * 3, object)},
    "an array of truths": {"mean": np.array([True] * 3), "std": np.array([True] * 3)},
    "complex numbers": {"mean": np.array([0.5j] * 3), "std": np.array([0.5j] * 3)},
    "a pair of numbers": {"normalize": [0.5, 0.25]},
    "a pair of something else": {"anchors": [MEAN, STD]},
}


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", MEASURED)
def test_a_measurement_is_no_normalisation(name: str, channels: int, tmp_path: Path) -> None:
    assert carried(MEASURED[name], tmp_path, channels) is None


HALF = {"mean": 0.5, "std": 0.25}
ALONE: dict[str, Any] = {
    "at the top": HALF,
    "numpy's": {"mean": np.float32(0.5), "std": np.array(0.25)},
    "Lightning": {"hyper_parameters": HALF},
    "Lightning's data module": {"datamodule_hyper_parameters": HALF},
    "a Namespace": {"args": argparse.Namespace(**HALF)},
    "a configuration of data": {"experiment": {"dataset": {"train": {"mean": [0.5], "std": (0.25,)}}}},
    "tensors": {"norm.mean": torch.tensor(0.5), "norm.std": torch.tensor([0.25])},
    "a network in wrappers": {"net": {"module.0.mean": torch.tensor(0.5), "module.0.std": torch.tensor([0.25])}},
    "named after images": {"input_mean": 127.5, "input_std": 63.75},
    "in whole numbers": {"mean": torch.tensor([127]), "std": torch.tensor([64])},
}


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", ALONE)
def test_one_number_is_that_of_all_channels(name: str, channels: int, tmp_path: Path) -> None:
    mean, std = carried(ALONE[name], tmp_path, channels)
    assert mean == pytest.approx([0.5] * channels, abs=0.003) and std == pytest.approx([0.25] * channels, abs=0.003)


def test_whole_numbers_are_to_255(tmp_path: Path) -> None:
    whole = {"mean": torch.tensor([125, 123, 114]), "std": np.array([63, 62, 67], np.uint8)}
    mean, std = carried(whole, tmp_path)
    assert mean == pytest.approx([125 / 255, 123 / 255, 114 / 255])
    assert std == pytest.approx([63 / 255, 62 / 255, 67 / 255])


def test_a_gray_images_buffers_are_known_by_their_axes(tmp_path: Path) -> None:
    assert carried({"front.new_mean": image([0.5]), "front.new_std": image([0.25])}, tmp_path, 1) == ([0.5], [0.25])


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_numpy_is_read_in_every_protocol(protocol: int, tmp_path: Path) -> None:
    content = {"mean": np.array(MEAN), "std": [np.float64(value) for value in STD]}
    assert carried(content, tmp_path, pickle_protocol=protocol) == (MEAN, STD)


def test_an_objects_normalisation_counts_as_any(tmp_path: Path) -> None:
    two = {"args": argparse.Namespace(mean=MEAN, std=STD), "data": {"mean": [0.5] * 3, "std": [0.5] * 3}}
    with pytest.raises(InputError, match=r"two normalisations, 'args\.mean' \[0\.49.* and 'data\.mean' \[0\.5, "):
        carried(two, tmp_path)


def test_one_number_stands_for_all_channels(tmp_path: Path) -> None:
    half = torch.tensor(0.5)
    torch.save({**after("net."), "norm.mean": half, "norm.std": half}, tmp_path / "model.pt")
    assert carried_normalisation(tmp_path / "model.pt", ARCHITECTURE) == ([0.5] * 3, [0.5] * 3)


def test_two_that_differ_and_channels_in_reverse_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    two = {"mean": image(MEAN), "std": image(STD), "new_mean": image([0.5] * 3), "new_std": image([0.5] * 3)}
    torch.save({**after("net."), **two}, path)
    with pytest.raises(InputError, match=r"two normalisations, 'mean' \[0\.4914, .* and 'new_mean' \[0\.5, "):
        carried_normalisation(path, ARCHITECTURE)
    bgr = {"pixel_mean": image([103.53, 116.28, 123.675]), "pixel_std": image([57.375, 57.12, 58.395])}
    torch.save({**after("net."), **bgr}, path)
    with pytest.raises(InputError, match="ImageNet's in reverse order: it takes images in BGR"):
        carried_normalisation(path, ARCHITECTURE)
    rgb = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
    with pytest.raises(InputError, match=r"says \[0\.485, 0\.456, 0\.406\] \(the same for channels in BGR order"):
        load_foreign(path, architecture=ARCHITECTURE, normalisation=rgb)


NET = """
import torch
from torch import nn


class Net(nn.Sequential):
    def __init__(self, num_classes):
        super().__init__(nn.Flatten(), nn.Linear(12, num_classes))
        self.register_buffer("mu", torch.full((1, 3, 1, 1), 0.5))
        self.register_buffer("sigma", torch.full((1, 3, 1, 1), 0.5))
"""


def test_a_network_that_normalises_by_itself_takes_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pixel_nets.py").write_text(NET)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv(ALLOWED, "pixel_nets")
    architecture = {"name": "pixel_nets.Net", "channels": 3, "classes": 4}
    network = build(architecture, seed=1)
    network.get_buffer("mu").fill_(0.25)
    torch.save(network.state_dict(), tmp_path / "model.pt")
    pixels = {"mean": [0.0] * 3, "std": [1.0] * 3}
    assert carried_normalisation(tmp_path / "model.pt", architecture) == tuple(pixels.values())
    model = load_foreign(tmp_path / "model.pt", architecture=architecture, normalisation=pixels)
    assert model.network.get_buffer("mu").unique() == 0.25
