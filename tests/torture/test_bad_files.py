"""HDF5 files and checkpoints of any content: they are read as what they are, or refused with a sentence."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import torch
from cases import cases, refused
from hostile import broken, value
from hypothesis import given
from hypothesis import strategies as st
from project import ROOT
from safetensors.torch import load_file

from ineq.attacks.outcome_file import read_outcome
from ineq.attribution.mapsfile import read_maps
from ineq.data.dataset import read_split
from ineq.data.samplefile import read_sample
from ineq.io.checksum import write_checksum
from ineq.io.hdf5 import write_hdf5
from ineq.io.rows import parts
from ineq.io.text import canonical_json
from ineq.models.checkpoint import load_checkpoint
from ineq.models.foreign import load_foreign

N = 3
ATTRIBUTES: dict[str, dict[str, Any]] = {
    "data": {"scale": 16, "classes": ["a", "b"]},
    "index": {"root": "data/set", "shape": [1, 4, 4], "resize": 0, "classes": ["a", "b"]},
    "sample": {"classes": ["a", "b"]},
    "attribute": {},
    "attack": {
        **{"attack": "occlusion", "options": {}, "seed": 0, "space": {}, "settings": ["black"]},
        **{"budgets": {"count": [1, 2], "radius": [1, 2]}, "criteria": ["any"]},
    },
}
COMMON = {"labels": np.zeros(N, np.int64), "indices": np.arange(N)}
IMAGES = np.zeros((N, 1, 4, 4), np.float32)
GRID = (2, 2, 1, N)
DATASETS: dict[str, dict[str, np.ndarray]] = {
    "data": {"train/images": IMAGES.astype(np.uint8), "train/labels": COMMON["labels"]},
    "index": {
        "train/files": np.full((N, 2), 97, np.uint8),
        "train/sha256": np.zeros((N, 32), np.uint8),
        "train/labels": COMMON["labels"],
    },
    "sample": {"images": IMAGES, **COMMON},
    "attribute": {"maps": IMAGES, "indices": COMMON["indices"]},
    "attack": {
        **{f"prediction/{where}": np.zeros((1, *GRID), np.int16) for where in ("important", "least")},
        **{f"covered/{where}": np.zeros(GRID, np.float32) for where in ("important", "least")},
        **{f"unchanged/{where}": np.zeros((1, *GRID), bool) for where in ("important", "least")},
        **COMMON,
        "clean": np.zeros(N, np.int16),
    },
}


def read(kind: str) -> Callable[[], object]:
    """Read a file of this kind as the stages do, large arrays too."""
    path = Path("file.h5")
    if kind in ("data", "index"):
        return lambda: read_split(path, "train")
    if kind == "sample":
        return lambda: [list(part.images) for part in read_sample(path).parts(2)]
    if kind == "attribute":
        return lambda: list(parts(read_maps(path)[0]))
    return lambda: read_outcome(path, kind)


def write(path: Path, kind: str, datasets: dict[str, Any], attributes: Any) -> None:
    """Write datasets with their right checksum."""
    stage = "data" if kind == "index" else kind
    units = dict.fromkeys(datasets, "x")
    write_hdf5(path, datasets, stage=stage, parameters={}, units=units, attributes={})
    with h5py.File(path, "r+") as file:
        file.attrs["attributes"] = attributes if isinstance(attributes, str | bytes) else canonical_json(attributes)
    write_checksum(path)


@pytest.mark.parametrize("kind", DATASETS)
def test_good_files_are_read(tmp_path: Path, kind: str) -> None:
    write(tmp_path / "file.h5", kind, DATASETS[kind], ATTRIBUTES[kind])
    assert refused(read(kind), tmp_path) == ""


ARRAYS = (
    np.zeros(N), np.zeros((0, 1, 4, 4), np.float32), np.zeros((), np.int64), np.full((N, 1, 4, 4), np.nan, np.float32),
    np.zeros((2, 1, 4, 4), np.float32), np.zeros((N, 1, 4, 4), np.float64), np.array([b"a", b"bc"]), np.arange(N) - 5,
    np.arange(N) + 10**9, np.zeros((N, 1, 4), np.float32), np.zeros((5,), np.int64), np.zeros((N, 1, 4, 4), ">f4"),
    np.full((N, 1, 4, 4), 255, np.uint8), np.zeros((N, 7), np.uint8), np.full((N, 1, 4, 4), np.inf, np.float32),
    np.zeros(N, complex), np.zeros(N, [("a", int), ("b", float)]), np.zeros((1,) * 20, np.int16),
)  # fmt: skip


@cases(5)
@given(st.sampled_from(list(DATASETS)), st.data())
def test_hdf5_files_of_any_content(tmp_path_factory: pytest.TempPathFactory, kind: str, data: st.DataObject) -> None:
    place = tmp_path_factory.mktemp("hdf5")
    datasets, attributes = dict(DATASETS[kind]), dict(ATTRIBUTES[kind])
    for name in data.draw(st.lists(st.sampled_from([*datasets, "extra", "train"]), max_size=2, unique=True)):
        datasets.pop(name, None)
        if "/" in name or not any(other.startswith(f"{name}/") for other in datasets):
            chosen = data.draw(st.none() | st.sampled_from(ARRAYS))
            if chosen is not None and not any(name.startswith(f"{other}/") for other in datasets):
                datasets[name] = chosen
    if data.draw(st.booleans()) and attributes:
        attributes[data.draw(st.sampled_from(list(attributes)))] = data.draw(value.filter(_json))
    whole = data.draw(
        st.just(attributes) | st.just(attributes) | value.filter(_json) | st.sampled_from(("", "{", b"\xff"))
    )
    path = place / "file.h5"
    if not datasets:
        return
    write(path, kind, datasets, whole)
    if data.draw(st.integers(0, 4)) == 0:
        with h5py.File(path, "r+") as file:
            name = data.draw(st.sampled_from(("stage", "attributes", "units")))
            if data.draw(st.booleans()):
                del file.attrs[name]
            else:
                file.attrs[name] = data.draw(st.sampled_from((3, np.zeros(3), h5py.Empty("f"), b"\xff", ["data"])))
        write_checksum(path)
    refused(read(kind), place)
    shutil.rmtree(place)


def _json(found: Any) -> bool:
    try:
        return bool(canonical_json(found).encode())
    except ValueError:
        return False


@cases(5)
@given(st.sampled_from(list(DATASETS)), st.data())
def test_hdf5_files_of_any_bytes(tmp_path_factory: pytest.TempPathFactory, kind: str, data: st.DataObject) -> None:
    place = tmp_path_factory.mktemp("hdf5")
    write(place / "file.h5", kind, DATASETS[kind], ATTRIBUTES[kind])
    good = (place / "file.h5").read_bytes()
    (place / "file.h5").write_bytes(data.draw(broken(good)))
    refused(read(kind), place)
    shutil.rmtree(place)


NETWORK = {
    "architecture": {"name": "resnet8", "width": 16, "channels": 1, "classes": 10},
    "normalisation": {"mean": [0.305], "std": [0.376]},
}
SHIPPED = (ROOT / "tests" / "imported" / "imported.safetensors").read_bytes()
HEADER = 8 + int.from_bytes(SHIPPED[:8], "little")


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("foreign") / "model.ckpt"
    source = ROOT / "tests" / "imported" / "imported.safetensors"
    torch.save({"state_dict": {f"module.{name}": one for name, one in load_file(source).items()}, "epoch": 3}, path)
    return path.read_bytes()


@cases(4)
@given(st.booleans(), st.data())
def test_checkpoints_of_any_bytes(
    tmp_path_factory: pytest.TempPathFactory, foreign: bytes, pickled: bool, data: st.DataObject
) -> None:
    place = tmp_path_factory.mktemp("checkpoint")
    good, head = (foreign, 4000) if pickled else (SHIPPED, HEADER)
    # What says how the rest is to be read is a small part of it, and the part that matters.
    content = data.draw(broken(good) | broken(good[:head]).map(lambda start: start + good[head:]))
    (place / "file").write_bytes(content)
    load = load_foreign if pickled or data.draw(st.booleans()) else load_checkpoint
    refused(lambda: load(Path("file"), **NETWORK), place)
    shutil.rmtree(place)
