"""Checkpoints: safetensors files that say what they are, are the same bytes for the same model, and never unpickle."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from ineq.errors import InputError
from ineq.io.text import canonical_json
from ineq.models.architectures import build
from ineq.models.normalized import Normalized

METADATA = "ineq"
"""The one metadata key: safetensors writes several in random order."""

Tensors = dict[str, torch.Tensor]


def save_checkpoint(
    path: Path,
    model: Normalized,
    *,
    stage: str,
    architecture: Mapping[str, Any],
    normalisation: Mapping[str, Sequence[float]],
    parameters: Mapping[str, Any],
) -> None:
    """Write the weights of `model.network`, and what built, normalised and made it, as canonical JSON."""
    # Copies, since a layer may have two names, and safetensors takes no two names for one memory.
    tensors = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in model.network.state_dict().items()}
    about = {
        "stage": stage,
        "architecture": dict(architecture),
        "normalisation": dict(normalisation),
        "parameters": dict(parameters),
        "sha256": _checksum(tensors),
    }
    save_file(tensors, path, metadata={METADATA: canonical_json(about)})


def load_checkpoint(
    path: Path,
    *,
    architecture: Mapping[str, Any],
    normalisation: Mapping[str, Sequence[float]],
    stage: str = "train",
) -> Normalized:
    """The model of a checkpoint on the CPU, in eval mode, its weights not asking for gradients.

    Raises `InputError`, naming the file, what was found and wanted, and the `stage` to rerun, when it is missing,
    truncated or foreign, holds another architecture or normalisation, or its tensors are not those of the network.
    """
    rerun = f"rerun the stage '{stage}'"
    try:
        return _load(Path(path), architecture, normalisation)
    except InputError as error:
        raise InputError(f"{error}: {rerun}") from None


def _load(path: Path, architecture: Mapping[str, Any], normalisation: Mapping[str, Sequence[float]]) -> Normalized:
    tensors, about = _read(path)
    for what, expected in {"architecture": architecture, "normalisation": normalisation}.items():
        # Through JSON, so that a tuple equals the list it was written as.
        if about[what] != json.loads(canonical_json(dict(expected))):
            raise InputError(
                f"{path} holds the {what} {canonical_json(about[what])}, expected {canonical_json(dict(expected))}"
            )
    model = Normalized(build(architecture), normalisation["mean"], normalisation["std"])
    check_tensors(path, tensors, model.network.state_dict())
    if about["sha256"] != _checksum(tensors):
        raise InputError(f"{path} does not fit its own checksum")
    model.network.load_state_dict(tensors)
    return model.eval().requires_grad_(False)


def _read(path: Path) -> tuple[Tensors, dict[str, Any]]:
    """The tensors and the metadata of a file that `save_checkpoint` wrote."""
    if not path.is_file():
        raise InputError(f"{path} is missing")
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (it is no mapping)
            about = json.loads((file.metadata() or {}).get(METADATA, "{}"))
    except (SafetensorError, OSError, ValueError) as error:
        raise InputError(f"{path} is not a readable safetensors file ({str(error).splitlines()[0]})") from None
    if not isinstance(about, dict) or not {"architecture", "normalisation", "sha256"} <= set(about):
        raise InputError(f"{path} is a safetensors file without ineq's description of the model")
    return tensors, about


def check_tensors(path: Path, tensors: Tensors, expected: Tensors) -> None:
    """Raise `InputError` for tensors that are missing, superfluous, of another shape or type, or not finite."""
    if missing := sorted(set(expected) - set(tensors)):
        raise InputError(f"{path} lacks {len(missing)} tensors of the network, '{missing[0]}' among them")
    if extra := sorted(set(tensors) - set(expected)):
        raise InputError(f"{path} holds {len(extra)} tensors that the network lacks, '{extra[0]}' among them")
    for name, tensor in tensors.items():
        kind, fits = _kind(tensor), _kind(expected[name])
        if kind != fits:
            raise InputError(f"{path}: '{name}' is {kind}, expected {fits}")
        if not bool(tensor.isfinite().all()):
            raise InputError(f"{path}: '{name}' holds NaN or infinite values, expected finite ones")


def _kind(tensor: torch.Tensor) -> str:
    """Type and shape, for comparison and for people: `float32 (16, 1, 3, 3)`."""
    return f"{str(tensor.dtype).removeprefix('torch.')} {tuple(tensor.shape)}"


def _checksum(tensors: Tensors) -> str:
    """SHA-256 over names, types, shapes and bytes, in the order of the names."""
    checksum = hashlib.sha256()
    for name in sorted(tensors):
        values = tensors[name].numpy()
        # A scalar has always counted as an array of one.
        checksum.update(canonical_json([name, values.dtype.str, list(values.shape) or [1]]).encode())
        checksum.update(np.ascontiguousarray(values).tobytes())
    return checksum.hexdigest()
