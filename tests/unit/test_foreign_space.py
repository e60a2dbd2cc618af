"""A normalisation that travels in a checkpoint: whatever it is called, it is compared with the card's, or used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

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
}


@pytest.mark.parametrize("name", CARRIED)
def test_what_a_checkpoint_says_is_used_or_compared(name: str, tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    torch.save(CARRIED[name], path)
    carried = carried_normalisation(path, ARCHITECTURE)
    assert carried is not None and [pytest.approx(values, abs=1e-6) for values in carried] == [MEAN, STD]
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
