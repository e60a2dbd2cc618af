"""What an audit asks of a study: cards of models that nobody knows, and settings as large as the images."""

from __future__ import annotations

import copy
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torchvision.transforms import Normalize

from ineq.auditing.engine import allowing
from ineq.auditing.network import look_at
from ineq.auditing.request import Subject, pair, subject
from ineq.auditing.study import UNKNOWN_SPACE, AuditRequest, beside_series, on_images
from ineq.config.card import Card
from ineq.config.schema import Parameters
from ineq.errors import InputError

ROOT = Path(__file__).resolve().parents[2]


def test_the_card_of_a_model_that_nobody_knows(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_net.py").write_text("def make():\n    return 1\n")
    own = subject(checkpoint, "my_net:make")
    assert own.name == "my-model-v2-" and own.architecture == "my_net.make" and own.module == "my_net"

    def card() -> Card:
        with allowing([own.module]):
            return Card.model_validate(own.card("mine", 3, 10, [0.5] * 3, [0.5] * 3))

    first = card()
    assert (first.train.norm, first.train.epsilon, first.architecture.width) == ("unknown", 0, None)
    # A comment is no reason to run again, an edit is.
    (tmp_path / "my_net.py").write_text("def make():\n    # one\n    return 1\n")
    assert card() == first
    (tmp_path / "my_net.py").write_text("def make():\n    return 2\n")
    assert card().architecture.source != first.architecture.source
    packaged = subject(checkpoint, "torchvision.resnet18")
    assert packaged.module == "" and "source" not in packaged.card("mine", 3, 10, [0.5] * 3, [0.5] * 3)["architecture"]


@pytest.mark.parametrize("architecture", ["a b", "", "../net"])
def test_names_that_mean_something_to_a_shell_are_refused(checkpoint: Path, architecture: str) -> None:
    with pytest.raises(InputError, match="module:function"):
        subject(checkpoint, architecture)
    with pytest.raises(InputError, match="is no file"):
        subject(checkpoint.parent, "resnet18")


def test_a_studys_series_are_the_references_and_choose_the_sample(checkpoint: Path) -> None:
    wanted = AuditRequest([subject(checkpoint, "resnet18", 16)], 150, study="cifar10")
    content, cards = beside_series(ROOT, "mine", wanted)
    parameters = Parameters.model_validate(content)
    series = ["standard", "linf-2", "linf-8"]
    assert parameters.models == [*series, *wanted.names] == [*cards] and parameters.sample.models == series
    assert parameters.convert.models == parameters.audit.models == wanted.names and parameters.imports.models == series
    assert parameters.sample.size == parameters.attack.images == 150
    assert cards[wanted.names[0]]["normalisation"] == {"mean": parameters.data.mean, "std": parameters.data.std}
    again = AuditRequest([*wanted.subjects, *wanted.subjects], 150, study="cifar10")
    assert len({*again.names}) == 2


@pytest.mark.parametrize(
    ("side", "region", "radius", "subpixels"), [(32, 4, 4, 102), (64, 8, 8, 408), (16, 4, 4, 96), (224, 16, 20, 5000)]
)
def test_regions_and_budgets_grow_with_the_images(
    checkpoint: Path, tmp_path: Path, side: int, region: int, radius: int, subpixels: int
) -> None:
    from PIL import Image

    for label in ("cat", "dog"):
        (tmp_path / "photos" / label).mkdir(parents=True)
        for number in range(3):
            Image.new("RGB", (side, side), (number, 0, 0)).save(tmp_path / "photos" / label / f"{number}.png")
    wanted = AuditRequest([subject(checkpoint, "torchvision.resnet18")], 20, images=tmp_path / "photos")
    content, cards = on_images(ROOT, tmp_path / "audit", "mine", wanted)
    parameters = Parameters.model_validate(content)
    assert (parameters.inequality.region, parameters.attack.radius) == (region, radius)
    assert parameters.tables.subpixels == subpixels and parameters.paper.dataset == "none"
    assert cards[wanted.names[0]]["architecture"]["classes"] == 2
    assert len(list((tmp_path / "audit/images/test").rglob("*.png"))) == 6


def test_images_of_several_sizes_need_one_to_be_scaled_to(checkpoint: Path, tmp_path: Path) -> None:
    from PIL import Image

    for label, side in {"cat": 40, "dog": 50}.items():
        (tmp_path / "photos" / label).mkdir(parents=True)
        Image.new("L", (side, 64)).save(tmp_path / "photos" / label / "one.png")
    one = [subject(checkpoint, "torchvision.resnet18")]
    with pytest.raises(InputError, match="2 sizes, 40×64, 50×64 among them, expected one, or --size"):
        on_images(ROOT, tmp_path / "audit", "mine", AuditRequest(one, 20, images=tmp_path / "photos"))
    content, _ = on_images(
        ROOT, tmp_path / "audit", "mine", AuditRequest(one, 20, images=tmp_path / "photos", scale=32)
    )
    assert content["data"]["name"] == "files" and content["data"]["resize"] == 32
    assert content["data"]["shape"] == [1, 32, 32]


@pytest.mark.parametrize("beside", [{"mean": 127.5, "std": 63.75}, {"0.mu": 0.5, "0.sigma": 0.25}])
def test_the_checkpoints_own_normalisation_is_the_default_and_no_other_is_taken(
    beside: dict[str, float], tmp_path: Path
) -> None:
    tensors = {
        "1.fc.weight": torch.zeros(2, 2),
        **{name: torch.full((3, 1, 1), value) for name, value in beside.items()},
    }
    torch.save({"net": tensors}, tmp_path / "mine.pt")
    carried = {"mean": [0.5] * 3, "std": [0.25] * 3}
    for space in (None, carried):
        mine = subject(tmp_path / "mine.pt", "resnet18", 16, space=space)
        assert mine.stated(3) == carried
    other = subject(tmp_path / "mine.pt", "resnet18", 16, space={"mean": [0.5] * 3, "std": [0.3] * 3})
    with pytest.raises(InputError, match=r"normalises with std \[0.25, .*but --mean or --std says \[0.3, "):
        other.stated(3)


CHANNELS = {"mean": [0.1, 0.2, 0.3], "std": [0.4, 0.5, 0.6]}


def test_what_is_said_of_two_models(checkpoint: Path) -> None:
    first, other = (checkpoint, "resnet18", "", "0.1,0.2,0.3", "0.4,0.5,0.6"), (None, "", "", None, None)
    (one,) = pair(first, other, 16)
    assert one.stated(3) == CHANNELS
    same, second = pair(first, (checkpoint, "my_net:make", "", None, None), 16)
    assert second.space == same.space and second.architecture == "my_net.make"
    # One number stands for all channels.
    _, second = pair(first, (checkpoint, "", "", "0.5", "0.25"), 16)
    assert second.stated(3) == {"mean": [0.5] * 3, "std": [0.25] * 3} and second.architecture == "resnet18"
    (plain,) = pair((checkpoint, "resnet18", "", None, None), other, 16)
    assert plain.stated(2) is None


@pytest.mark.parametrize(
    ("second", "first", "words"),
    [
        ((None, "", "", "0.5", "0.5"), ("0.5", "0.5"), "--second-mean and --second-std are given without --second"),
        ((Path("mine.pt"), "", "", "0.5", None), ("0.5", "0.5"), "--second-mean is given without --second-std"),
        ((Path("mine.pt"), "", "", "0.5", "x"), (None, None), "--second-std is 'x', expected a number a channel"),
        ((None, "", "", None, None), (None, "0.5"), "--mean is given without --std, or the other way round"),
        ((None, "", "", None, None), ("0.2,x", None), "--mean is '0.2,x', expected a number a channel"),
        ((None, "", "", None, None), ("", "0.5"), "--mean is '', expected a number a channel"),
        (
            (None, "", "", None, None),
            ("1,2", "1,2"),
            "mine.pt: mean has 2 values for images of 3 channels, expected one for each",
        ),
        ((None, "", "", None, None), ("0.5", "0"), "--std is '0', expected finite numbers, above 0"),
        ((None, "", "", None, None), ("nan", "1"), "--mean is 'nan', expected finite numbers"),
    ],
)
def test_what_cannot_be_said_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, second: Any, first: Any, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.pt").write_bytes(b"")
    with pytest.raises(InputError, match=words):
        pair((Path("mine.pt"), "resnet18", "", *first), second, 16)[0].stated(3)


def test_beside_a_studys_models_its_space_holds_whatever_a_models_own_is(checkpoint: Path) -> None:
    spaces = [{"mean": [0.5], "std": [0.25]}, None]
    subjects = [subject(checkpoint, "resnet18", 16, space=space) for space in spaces]
    content, cards = beside_series(ROOT, "mine", AuditRequest(subjects, 150, study="cifar10"))
    study = beside_series(ROOT, "mine", AuditRequest(subjects[1:], 150, study="cifar10"))[0]["data"]
    assert content["data"] == study and study["mean"] != [0.5] * 3
    first, second = (cards[name]["normalisation"] for name in AuditRequest(subjects, 150, study="cifar10").names)
    assert first == {"mean": [0.5] * 3, "std": [0.25] * 3} and second == {key: study[key] for key in ("mean", "std")}


class Inside(torch.nn.Module):
    """A network that normalises inside, by buffers that its checkpoint does not hold."""

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.head = torch.nn.Linear(8, classes)
        self.register_buffer("mean", torch.full((1, 2, 1, 1), 0.3), persistent=False)
        self.register_buffer("std", torch.full((1, 2, 1, 1), 0.4), persistent=False)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.head(((images - self.mean) / self.std).flatten(1))


def saved(folder: Path, name: str, classes: int, prefix: str = "") -> Subject:
    weights = {f"{prefix}head.{key}": value for key, value in torch.nn.Linear(8, classes).state_dict().items()}
    torch.save(weights, folder / name)
    return subject(folder / name, "nets:make")


@pytest.fixture
def nets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ineq.auditing.network.build", lambda network: Inside(network["classes"]))
    monkeypatch.setattr("ineq.models.foreign.build", lambda network: Inside(network["classes"]))


@pytest.mark.usefixtures("nets")
@pytest.mark.parametrize("prefix", ["", "module."])
@pytest.mark.parametrize("outputs", [2, 3, 9, 1000])
def test_a_network_has_the_classes_of_its_checkpoint_and_the_space_inside(
    tmp_path: Path, outputs: int, prefix: str
) -> None:
    looked = look_at([saved(tmp_path, "a.pt", outputs, prefix)], (2, 2, 2), 9, {"mean": (0.0,), "std": (1.0,)})
    assert looked.classes == outputs and looked.normalisations == [{"mean": [0.0] * 2, "std": [1.0] * 2}]
    assert looked.space == {"mean": [0.3] * 2, "std": [0.4] * 2}


@pytest.mark.usefixtures("nets")
def test_the_space_is_as_the_first_model_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = saved(tmp_path, "b.pt", 3)
    told = replace(saved(tmp_path, "a.pt", 3), space={"mean": [0.5], "std": [0.5]})
    with monkeypatch.context() as plain:
        for place in ("auditing.network", "models.foreign"):
            plain.setattr(
                f"ineq.{place}.build", lambda _: nn.Sequential(OrderedDict(f=nn.Flatten(), head=nn.Linear(8, 3)))
            )
        looked = look_at([told, other], (2, 2, 2), 3, UNKNOWN_SPACE)
    assert looked.space == looked.normalisations[0] == {"mean": [0.5] * 2, "std": [0.5] * 2}
    assert look_at([other, replace(told, space=None)], (2, 2, 2), 3, UNKNOWN_SPACE).space == {
        "mean": [0.3] * 2,
        "std": [0.4] * 2,
    }
    with pytest.raises(InputError, match=r"b.pt has 3 classes, .*c.pt has 4 classes, expected as many of each"):
        look_at([other, saved(tmp_path, "c.pt", 4)], (2, 2, 2), 3, UNKNOWN_SPACE)
    with pytest.raises(InputError, match=r"b.pt: the model refuses images of shape \(1, 2, 3, 3\)"):
        look_at([other], (2, 3, 3), 3, UNKNOWN_SPACE)


@pytest.mark.parametrize(
    ("again", "words"), [(True, "returns the same network each time"), (False, "already, in 'head")]
)
def test_a_network_that_comes_with_its_weights_is_no_untrained_one(
    again: bool, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = Inside(3)
    for place in ("auditing.network", "models.foreign"):
        monkeypatch.setattr(f"ineq.{place}.build", lambda _: network if again else copy.deepcopy(network))
    torch.save(network.state_dict(), tmp_path / "a.pt")
    with pytest.raises(InputError, match=words):
        look_at([subject(tmp_path / "a.pt", "nets:make")], (2, 2, 2), 3, UNKNOWN_SPACE)


class Twice(nn.Sequential):
    """Normalises by itself, without a word of it among its tensors."""

    def __init__(self) -> None:
        super().__init__(Normalize([0.3] * 2, [0.4] * 2), nn.Flatten(), nn.Linear(8, 3))


def test_nothing_is_normalised_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("auditing.network", "models.foreign"):
        monkeypatch.setattr(f"ineq.{place}.build", lambda _: Twice())
    torch.save(Twice().state_dict(), tmp_path / "a.pt")
    # What a file says is looked for in the network's own tensors first.
    monkeypatch.setattr("ineq.models.foreign_space.build", lambda _: Twice())
    torch.save({"net": Twice().state_dict(), "mean": [0.3] * 2, "std": [0.4] * 2}, tmp_path / "b.pt")
    plain, carried = (subject(tmp_path / name, "nets:make") for name in ("a.pt", "b.pt"))
    told = replace(plain, space={"mean": [0.3], "std": [0.4]})
    for model, words in ((told, "--mean and --std say"), (carried, "its file says")):
        with pytest.raises(InputError, match=rf"normalises by itself, .*, but {words} \[0.3, 0.3\]"):
            look_at([model], (2, 2, 2), 3, UNKNOWN_SPACE)
    for otherwise in (UNKNOWN_SPACE, {"mean": [0.5] * 2, "std": [0.2] * 2}):  # the latter is a study's
        looked = look_at([plain], (2, 2, 2), 3, otherwise)
        assert looked.space == {"mean": [0.3] * 2, "std": [0.4] * 2}
        assert looked.normalisations == [{"mean": [0.0] * 2, "std": [1.0] * 2}]


def test_a_network_that_normalises_itself_is_told_nothing(tmp_path: Path) -> None:
    images = {"mean": torch.full((3,), 0.5), "std": torch.full((3,), 0.25)}
    (tmp_path / "own_net.py").write_text(
        "import torch\n\n\nclass Net(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.fc = torch.nn.Linear(2, 2)\n        self.register_buffer('mean', torch.zeros(3))\n"
        "        self.register_buffer('std', torch.ones(3))\n"
    )
    torch.save({"fc.weight": torch.ones(2, 2), "fc.bias": torch.ones(2), **images}, tmp_path / "a.pt")
    told = subject(tmp_path / "a.pt", f"{tmp_path / 'own_net.py'}:Net", space={"mean": [0.5], "std": [0.25]})
    with allowing([told.module], [told.folder]):
        with pytest.raises(InputError, match="its network normalises by itself, but --mean or --std says"):
            told.stated(3)
        assert replace(told, space=None).stated(3) == {"mean": [0.0] * 3, "std": [1.0] * 3}
