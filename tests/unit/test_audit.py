"""What an audit asks of a study: cards of models that nobody knows, and settings as large as the images."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from ineq.auditing.engine import allowing
from ineq.auditing.request import subject
from ineq.auditing.study import AuditRequest, beside_series, on_images
from ineq.config.card import Card
from ineq.config.schema import Parameters
from ineq.errors import InputError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    torch.save({"fc.weight": torch.zeros(2, 2)}, tmp_path / "my model (v2).pt")
    return tmp_path / "my model (v2).pt"


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
    mine = subject(tmp_path / "mine.pt", "resnet18", 16)
    carried = {"mean": [0.5] * 3, "std": [0.25] * 3}
    for space in (None, carried):
        content, cards = beside_series(ROOT, "mine", AuditRequest([mine], 20, study="cifar10", space=space))
        assert cards["audited-mine"]["normalisation"] == carried and content["data"]["mean"] != carried["mean"]
    other = {"mean": [0.5] * 3, "std": [0.3] * 3}
    with pytest.raises(InputError, match=r"normalises with std \[0.25, .*but --mean or --std says \[0.3, "):
        beside_series(ROOT, "mine", AuditRequest([mine], 20, study="cifar10", space=other))
