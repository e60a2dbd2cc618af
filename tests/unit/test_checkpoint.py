"""Checkpoints: the same bytes for the same model in any process, and every defect one sentence."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from ineq.errors import InputError
from ineq.models.architectures import build
from ineq.models.checkpoint import load_checkpoint, save_checkpoint
from ineq.models.normalized import Normalized

ARCHITECTURE = {"name": "resnet8", "width": 4, "channels": 1, "classes": 10}
NORMALISATION = {"mean": [0.3], "std": [0.4]}
NAN = float("nan")


def write(path: Path, seed: int = 0, spoil: Callable[[Normalized], Any] = lambda model: None) -> Path:
    model = Normalized(build(ARCHITECTURE, seed), **NORMALISATION)
    spoil(model)
    about: dict[str, Any] = {
        "architecture": ARCHITECTURE,
        "normalisation": NORMALISATION,
        "parameters": {"b": 1, "a": 2},
    }
    save_checkpoint(path, model, stage="train", **about)
    return path


def load(path: Path, **changes: Any) -> Normalized:
    return load_checkpoint(path, **{"architecture": ARCHITECTURE, "normalisation": NORMALISATION, **changes})


def test_what_is_saved_is_loaded_ready_for_use(tmp_path: Path) -> None:
    model = load(write(tmp_path / "a.safetensors", seed=5))
    wanted = Normalized(build(ARCHITECTURE, 5), **NORMALISATION).eval()
    images = torch.rand(3, 1, 8, 8)
    assert torch.equal(model(images), wanted(images))
    assert not any(module.training for module in model.modules())
    assert not any(weights.requires_grad for weights in model.parameters())


def test_loading_leaves_the_global_generator_alone(tmp_path: Path) -> None:
    path, before = write(tmp_path / "a.safetensors"), torch.get_rng_state()
    load(path)
    assert torch.equal(before, torch.get_rng_state())


def test_another_process_writes_the_same_bytes(tmp_path: Path) -> None:
    code = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import pathlib, test_checkpoint as t;"
    code += f"t.write(pathlib.Path({str(tmp_path / 'theirs')!r}))"
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONHASHSEED": "1"})
    assert (tmp_path / "theirs").read_bytes() == write(tmp_path / "ours").read_bytes()


def test_the_order_of_keys_does_not_matter(tmp_path: Path) -> None:
    reordered = dict(reversed(ARCHITECTURE.items()))
    load(write(tmp_path / "a.safetensors"), architecture=reordered, normalisation={"std": (0.4,), "mean": (0.3,)})


def test_memory_format_does_not_change_the_bytes(tmp_path: Path) -> None:
    def reorder(model: Normalized) -> None:
        model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]

    assert write(tmp_path / "a").read_bytes() == write(tmp_path / "b", spoil=reorder).read_bytes()


def spoil_weight(value: Any) -> Callable[[Path], Any]:
    """A checkpoint whose last bias is `value`."""

    def set_bias(model: Normalized) -> None:
        model.network[-1].bias = value  # type: ignore[index]

    return lambda path: write(path, spoil=set_bias)


def foreign(path: Path) -> None:
    save_file({"weight": torch.zeros(2)}, path)


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-9] ^= 1
    path.write_bytes(data)


BAD = [
    (lambda path: path.unlink(), "is missing"),
    (lambda path: path.write_bytes(path.read_bytes()[:-40]), "is not a readable safetensors file"),
    (lambda path: path.write_bytes(path.read_bytes()[:5]), "is not a readable safetensors file"),
    (lambda path: path.write_bytes(pickle.dumps({"weight": 1})), "is not a readable safetensors file"),
    (foreign, "is a safetensors file without ineq's description"),
    (flip, "does not fit its own checksum"),
    (spoil_weight(None), "lacks 1 tensors of the network, '8.bias'"),
    (spoil_weight(torch.nn.Parameter(torch.zeros(9))), r"bias' is float32 \(9,\), expected float32 \(10,\)"),
    (spoil_weight(torch.nn.Parameter(torch.zeros(10).half())), r"bias' is float16 \(10,\), expected float32"),
    (spoil_weight(torch.nn.Parameter(torch.full((10,), NAN))), "bias' holds NaN or infinite values, expected finite"),
    (
        lambda path: write(path, spoil=lambda model: model.network.register_buffer("extra", torch.zeros(1))),
        "holds 1 tensors that the network lacks, 'extra'",
    ),
]


@pytest.mark.parametrize(("spoil", "sentence"), BAD)
def test_a_bad_checkpoint_is_one_sentence(tmp_path: Path, spoil: Callable[[Path], Any], sentence: str) -> None:
    path = write(tmp_path / "checkpoint.safetensors")
    spoil(path)
    with pytest.raises(InputError, match=rf"checkpoint\.safetensors.*({sentence}).*: rerun the stage 'train'$"):
        load(path)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"architecture": {**ARCHITECTURE, "width": 8}}, '"width":4.*, expected .*"width":8'),
        ({"normalisation": {"mean": [0.5], "std": [0.4]}}, r"normalisation .*\[0.3\].*, expected .*\[0.5\]"),
    ],
)
def test_the_checkpoint_of_another_card_is_refused(tmp_path: Path, changes: dict, sentence: str) -> None:
    with pytest.raises(InputError, match=f"{sentence}.*: rerun the stage 'train'$"):
        load(write(tmp_path / "a.safetensors"), **changes)


def test_there_is_one_metadata_key(tmp_path: Path) -> None:
    header = write(tmp_path / "a.safetensors").read_bytes()[8:400]
    assert header.startswith(b'{"__metadata__":{"ineq":"')
    assert len(load_file(tmp_path / "a.safetensors")) > 10
