"""Checkpoints of third parties: read as they come, never run, and refused in a sentence."""

from __future__ import annotations

import collections
import pickle
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from imagenet_study import transfer_layout
from safetensors.torch import save_file

from ineq.errors import InputError
from ineq.models.architectures import build
from ineq.models.foreign import load_foreign
from ineq.models.foreign_file import read_mappings
from ineq.models.normalized import Normalized

ARCHITECTURE = {"name": "resnet8", "width": 4, "channels": 3, "classes": 5}
NORMALISATION = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
NETWORK: dict[str, Any] = {"architecture": ARCHITECTURE, "normalisation": NORMALISATION}
WEIGHTS = build(ARCHITECTURE, seed=3).state_dict()
IMAGES = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))


def robust(**changed: Any) -> dict[str, Any]:
    """A checkpoint of the network as robust-models-transfer has it, with some tensors changed."""
    content = transfer_layout(build(ARCHITECTURE, seed=3))
    return {**content, "model": {**content["model"], **changed}}


LAYOUTS: dict[str, Callable[[Path], object]] = {
    "robust-models-transfer": lambda path: torch.save(robust(), path),
    "the same, old format": lambda path: torch.save(robust(), path, _use_new_zipfile_serialization=False),
    "plain": lambda path: torch.save(WEIGHTS, path),
    "an OrderedDict of parameters": lambda path: torch.save(
        collections.OrderedDict((name, torch.nn.Parameter(v, v.is_floating_point())) for name, v in WEIGHTS.items()),
        path,
    ),
    "DataParallel": lambda path: torch.save({"state_dict": {f"module.{n}": v for n, v in WEIGHTS.items()}}, path),
    "without counters": lambda path: torch.save({n: v for n, v in WEIGHTS.items() if "num_batches" not in n}, path),
    "safetensors": lambda path: save_file(WEIGHTS, path),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_function(layout: str, tmp_path: Path) -> None:
    path = tmp_path / "model.ckpt"
    LAYOUTS[layout](path)
    model = load_foreign(path, **NETWORK)
    wanted = Normalized(build(ARCHITECTURE, seed=3), NORMALISATION["mean"], NORMALISATION["std"]).eval()
    assert torch.equal(model(IMAGES), wanted(IMAGES)) and not model.training
    assert not any(weights.requires_grad for weights in model.parameters())


class Trap:
    """Writes a file when it is unpickled the usual way."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple:
        return Path.touch, (self.marker,)


@pytest.mark.parametrize("new", [True, False])
def test_code_in_a_checkpoint_is_not_run(new: bool, tmp_path: Path) -> None:
    path, marker = tmp_path / "model.ckpt", tmp_path / "ran"
    content = {**robust(), "extra": [Trap(marker), {"deeper": Trap(marker)}]}
    torch.save(content, path, _use_new_zipfile_serialization=new)
    load_foreign(path, **NETWORK)
    assert not marker.exists()
    torch.load(path, weights_only=False)
    assert marker.exists(), "the trap works"


def test_the_state_itself_may_be_a_trap(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    torch.save({"model": Trap(marker)}, tmp_path / "model.ckpt")
    with pytest.raises(InputError, match="holds a whole pickled object"):
        read_mappings(tmp_path / "model.ckpt")
    (tmp_path / "plain.ckpt").write_bytes(pickle.dumps(Trap(marker)))
    with pytest.raises(InputError, match="is not a readable checkpoint of torch"):
        read_mappings(tmp_path / "plain.ckpt")
    assert not marker.exists()


class Shadow:
    """Averages of weights, as a trainer's object keeps them."""

    def __init__(self, weights: dict[str, torch.Tensor]) -> None:
        self.weights = weights


def test_an_objects_tensors_are_no_state_dict(tmp_path: Path) -> None:
    other = {name: tensor + 1 for name, tensor in WEIGHTS.items()}
    torch.save({"ema": Shadow(other), "deeper": {"model": WEIGHTS}, "also": Shadow(WEIGHTS)}, tmp_path / "model.ckpt")
    state = load_foreign(tmp_path / "model.ckpt", **NETWORK).network.state_dict()
    assert all(torch.equal(state[name], tensor) for name, tensor in WEIGHTS.items())


def test_an_object_may_hold_itself(tmp_path: Path) -> None:
    trainer: Any = Shadow(WEIGHTS)
    trainer.weights = {"trainer": trainer, "all": [trainer]}
    torch.save({"model": WEIGHTS, "trainer": trainer}, tmp_path / "model.ckpt")
    load_foreign(tmp_path / "model.ckpt", **NETWORK)
    torch.save(Shadow(WEIGHTS), tmp_path / "model.ckpt")  # no state dict, though its attribute is one
    with pytest.raises(InputError, match="holds a whole pickled object"):
        read_mappings(tmp_path / "model.ckpt")


def _script(path: Path) -> None:
    torch.jit.script(torch.nn.Linear(2, 2)).save(str(path))


def _tar(path: Path) -> None:
    (path.parent / "member").write_text("x")
    with tarfile.open(path, "w") as archive:
        archive.add(path.parent / "member", "storages")


FIRST = next(iter(WEIGHTS))
BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: None, r"model\.ckpt is missing"),
    "a whole module": (lambda path: torch.save(build(ARCHITECTURE), path), "holds a whole pickled object"),
    "a whole module, old format": (
        lambda path: torch.save(build(ARCHITECTURE), path, _use_new_zipfile_serialization=False),
        "holds a whole pickled object",
    ),
    "a program": (_script, "is a TorchScript program"),
    "a tar file": (_tar, "is a tar file of torch before 0.2"),
    "text": (lambda path: path.write_text("weights"), "is not a readable checkpoint of torch"),
    "empty": (lambda path: path.write_bytes(b""), "is not a readable checkpoint of torch"),
    "no tensors": (lambda path: torch.save({"epoch": 3}, path), "holds no tensors by name"),
    "other names": (
        lambda path: torch.save({f"backbone_{n.replace('.', '_')}": v for n, v in WEIGHTS.items()}, path),
        r"none of its \d+ tensors, 'backbone_\S+' among them, is one of the network",
    ),
    "a tensor too few": (
        lambda path: torch.save({n: v for n, v in WEIGHTS.items() if n != FIRST}, path),
        f"lacks 1 tensors of the network, '{FIRST}' among them",
    ),
    "a tensor too many": (
        lambda path: torch.save(robust(**{"module.model.extra": torch.zeros(1)}), path),
        "holds 1 tensors that the network lacks, 'extra' among them",
    ),
    "another shape": (
        lambda path: torch.save({**WEIGHTS, FIRST: torch.zeros(3, 3)}, path),
        rf"'{FIRST}' is float32 \(3, 3\), expected float32 \(4, 3, 3, 3\)",
    ),
    "another type": (
        lambda path: torch.save({**WEIGHTS, FIRST: WEIGHTS[FIRST].half()}, path),
        rf"'{FIRST}' is float16 \(4, 3, 3, 3\), expected float32",
    ),
    "NaN": (
        lambda path: torch.save({**WEIGHTS, FIRST: WEIGHTS[FIRST] * torch.nan}, path),
        f"'{FIRST}' holds NaN or infinite values",
    ),
    "another normaliser": (
        lambda path: torch.save(robust(**{"module.normalizer.new_std": torch.ones(3, 1, 1)}), path),
        r"normalises with std \[1\.0, 1\.0, 1\.0\], but its card says \[0\.229",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_the_network_is_refused_in_a_sentence(name: str, tmp_path: Path) -> None:
    make, words = BAD[name]
    make(tmp_path / "model.ckpt")
    with pytest.raises(InputError, match=words) as refused:
        load_foreign(tmp_path / "model.ckpt", **NETWORK)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("share", [0.3, 0.9, 0.999])
def test_a_truncated_checkpoint_is_refused(share: float, tmp_path: Path) -> None:
    path = tmp_path / "model.ckpt"
    for new in (True, False):
        torch.save(robust(), path, _use_new_zipfile_serialization=new)
        path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
        with pytest.raises(InputError, match=r"model\.ckpt"):
            load_foreign(path, **NETWORK)
