"""Networks of zoos by the names that people write, and of RobustBench: its table, its files, its loader's choices."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

from ineq.auditing.request import Zoo, subject
from ineq.config.card import Card
from ineq.errors import InputError
from ineq.models.architectures import build
from ineq.models.foreign import load_foreign
from ineq.models.foreign_networks import card_name
from ineq.models.foreign_space import carried_normalisation

ZOO = """
from collections import OrderedDict
from enum import Enum

import torch
from torch import nn


class BenchmarkDataset(Enum):
    cifar_10 = "cifar10"
    imagenet = "imagenet"


class ThreatModel(Enum):
    Linf = "Linf"
    L2 = "L2"


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.fc = nn.Linear(4, 10)
        self.register_buffer("mu", torch.full((1, 3, 1, 1), 0.5))
        self.register_buffer("sigma", torch.full((1, 3, 1, 1), 0.25))

    def forward(self, images):
        return self.fc(self.conv((images - self.mu) / self.sigma).mean((2, 3)))


class Normalize(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.full((1, 3, 1, 1), 0.4))
        self.register_buffer("std", torch.full((1, 3, 1, 1), 0.2))

    def forward(self, images):
        return (images - self.mean) / self.std


def large():
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 1000))
    return nn.Sequential(OrderedDict([("normalize", Normalize()), ("model", network)]))


linf = OrderedDict(
    Small2024={"model": Net, "gdrive_id": "1abc"},
    Several2021={"model": Net, "gdrive_id": ["1a", "1b"]},
    Other2022={"model": Net, "gdrive_id": None},
)
model_dicts = OrderedDict([
    (BenchmarkDataset.cifar_10, OrderedDict([(ThreatModel.Linf, linf)])),
    (BenchmarkDataset.imagenet, OrderedDict([(ThreatModel.L2, {"Large_R-50": {"model": large, "gdrive_id": "1xyz"}})])),
])
"""
NAME, LARGE = "robustbench.cifar10.Linf.Small2024", "robustbench.imagenet.L2.Large_R-50"
SMALL_CARD: dict[str, Any] = {"name": NAME, "channels": 3, "classes": 10}
LARGE_CARD: dict[str, Any] = {"name": LARGE, "channels": 3, "classes": 1000}
PIXELS = {"mean": [0.0] * 3, "std": [1.0] * 3}


def write_package(folder: Path, init: str) -> None:
    (folder / "robustbench" / "model_zoo").mkdir(parents=True)
    (folder / "robustbench" / "__init__.py").write_text(init)
    (folder / "robustbench" / "model_zoo" / "__init__.py").write_text(ZOO)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of the shape of robustbench, and the current folder, where its files are looked for."""
    write_package(tmp_path, "")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    for module in ("robustbench", "robustbench.model_zoo"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    return tmp_path


def put(data_set: str, threat: str, model: str, content: Any) -> Path:
    file = Path("models", data_set, threat, f"{model}.pt")
    file.parent.mkdir(parents=True, exist_ok=True)
    torch.save(content, file)
    return file


@pytest.mark.usefixtures("installed")
def test_a_model_of_robustbench_is_its_table_and_its_file() -> None:
    network = build(SMALL_CARD, seed=1).eval()
    weights = {f"module.{name}": t for name, t in network.state_dict().items() if name not in ("mu", "sigma")}
    # What its own loader leaves is left: a superfluous tensor, and what was best on the test images.
    extra = {**weights, "module.hidden.1.weight": torch.zeros(2)}
    file = put("cifar10", "Linf", "Small2024", {"best": {n: t + 1 for n, t in weights.items()}, "last": extra})
    audited = subject(Path("robustbench:Small2024"), "")
    assert (audited.checkpoint, audited.architecture, audited.module) == (file, NAME, "")
    Card.model_validate(audited.card("mine", 3, 10, **PIXELS))
    assert carried_normalisation(file, SMALL_CARD) == tuple(PIXELS.values())
    images = torch.rand(2, 3, 8, 8)
    assert torch.equal(load_foreign(file, architecture=SMALL_CARD, normalisation=PIXELS)(images), network(images))


@pytest.mark.parametrize("prefix", ["", "module.", "model.", "module.model."])
@pytest.mark.usefixtures("installed")
def test_a_network_that_the_file_was_saved_without_its_normalisation(prefix: str) -> None:
    network = build(LARGE_CARD, seed=1).eval()
    inner = network.get_submodule("model").state_dict()
    file = put("imagenet", "L2", "Large_R-50", {"state_dict": {f"{prefix}{name}": t for name, t in inner.items()}})
    assert subject(Path("robustbench:Large_R-50"), "", zoo=Zoo("imagenet", "L2")).checkpoint == file
    images = torch.rand(2, 3, 8, 8)
    assert torch.equal(load_foreign(file, architecture=LARGE_CARD, normalisation=PIXELS)(images), network(images))


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        (("cifar10", "Linf", "Small2024"), r"Small2024\.pt is missing: download it from \S+id=1abc, and put it there"),
        (("cifar10", "Linf", "Small2042"), "no model 'Small2042' for cifar10 and Linf.* did you mean 'Small2024'"),
        (("cifar10", "linf", "Small2024"), "unknown threat model of RobustBench 'linf'.* did you mean 'Linf'"),
        (("cifar", "Linf", "Small2024"), "unknown data set of RobustBench 'cifar', expected one of cifar10, imagenet"),
        (("cifar10", "Linf", "Several2021"), "Several2021 is made of 2 files, expected a model with one file"),
        (("cifar10", "Linf", "Other2022"), "Other2022 has no file of its own"),
    ],
)
@pytest.mark.usefixtures("installed")
def test_what_robustbench_lacks_is_said(place: tuple[str, str, str], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        Zoo(*place[:2]).model(place[2])


@pytest.mark.usefixtures("installed")
def test_a_network_of_other_classes_is_refused() -> None:
    with pytest.raises(InputError, match="takes 3 channels and has 10 classes, found 3 and 7"):
        build({**SMALL_CARD, "classes": 7})


@pytest.mark.parametrize(
    ("init", "sentence"),
    [
        ("from autoattack import AutoAttack", r"imports autoattack, which its wheels don't bring: .*git\+https"),
        ("import pkg_resources_of_old", "imports pkg_resources_of_old, which its wheels don't bring"),
        ("raise RuntimeError('too new')", r"cannot be imported \(too new\)"),
        (None, "robustbench is not installed: .*pip install .*robustbench"),
    ],
)
def test_a_robustbench_that_cannot_be_imported(
    init: str | None, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("robustbench", "robustbench.model_zoo", "autoattack"):
        monkeypatch.setitem(sys.modules, module, None) if init is None or module == "autoattack" else (
            monkeypatch.delitem(sys.modules, module, raising=False)
        )
    if init is not None:
        write_package(tmp_path, init)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InputError, match=sentence):
        build(SMALL_CARD)


@pytest.mark.parametrize(
    "name",
    ["models.resnet18", "ResNet18", "models.resnet.resnet18", "models.ResNet18", "resnet18.IMAGENET1K_V1"],
)
def test_torchvisions_names_as_people_write_them(name: str) -> None:
    network = build({"name": f"torchvision.{name}", "channels": 3, "classes": 5})
    assert network.state_dict()["fc.weight"].shape == (5, 512)


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("timm.resnet18.a1_in1k", "resnet18.a1_in1k"),
        ("timm/resnet18.a1_in1k", "resnet18.a1_in1k"),
        ("timm:ResNet18", "resnet18"),
        ("timm.models.resnet.resnet18.a1_in1k", "resnet18.a1_in1k"),
        ("timm.resnet-18", None),
        ("timm.", None),
    ],
)
def test_timms_names_as_people_write_them(name: str, function: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    fake = SimpleNamespace(
        is_model=lambda name: name.partition(".")[0] == "resnet18",
        list_models=lambda: ["resnet18"],
        create_model=lambda name, num_classes, in_chans: asked.append(name) or nn.Linear(in_chans, num_classes),
    )
    monkeypatch.setitem(sys.modules, "timm", fake)
    if function is None:
        with pytest.raises(InputError, match=r"unknown architecture .*: timm has 1"):
            build({"name": name, "channels": 3, "classes": 5})
    else:
        assert isinstance(build({"name": name, "channels": 3, "classes": 5}), nn.Linear) and asked == [function]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("timm/resnet18.a1_in1k", "timm.resnet18.a1_in1k"),
        ("TorchVision:models/resnet18", "torchvision.models.resnet18"),
        ("my_net:make", "my_net.make"),
        ("pack.my_net:make", "pack.my_net.make"),
        ("resnet18", "resnet18"),
    ],
)
def test_a_card_has_names_with_dots(text: str, name: str, tmp_path: Path) -> None:
    (tmp_path / "model.pt").write_bytes(b"")
    assert card_name(text) == name == subject(tmp_path / "model.pt", text).architecture


@pytest.mark.parametrize("text", ["hf-hub:timm/resnet18.a1_in1k", "hf_hub:timm/resnet18", "hf-hub:somebody/resnet18"])
def test_an_address_to_download_from_is_no_network(text: str) -> None:
    with pytest.raises(InputError, match=r"names weights to download.* expected timm\.(resnet18|NAME)"):
        build({"name": text, "channels": 3, "classes": 5})
