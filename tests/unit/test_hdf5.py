"""HDF5 files: the same bytes for the same content, and every defect noticed."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import h5py
import numpy as np
import pytest

from ineq.attribution.mapsfile import write_maps
from ineq.errors import InputError
from ineq.io.checksum import checksum_error
from ineq.io.hdf5 import read_hdf5, write_hdf5

WANTED = {"maps": ("float32", 2), "labels": ("int64", 1)}


def write(path: Path, maps: np.ndarray | None = None, stage: str = "attribute") -> Path:
    values = np.arange(600, dtype=np.float32).reshape(20, 30) if maps is None else maps
    datasets = {"maps": values, "labels": np.arange(20)}
    write_hdf5(
        path,
        datasets,
        stage=stage,
        parameters={"b": 1, "a": [2]},
        units={"maps": "logit", "labels": "class"},
        attributes={"x": [1]},
    )
    return path


def test_what_is_written_is_read(tmp_path: Path) -> None:
    found, attributes = read_hdf5(write(tmp_path / "a.h5"), stage="attribute", datasets=WANTED)
    assert np.array_equal(found["maps"], np.arange(600, dtype=np.float32).reshape(20, 30))
    assert attributes == {"x": [1]}
    with h5py.File(tmp_path / "a.h5") as file:
        assert file.attrs["parameters"] == '{"a":[2],"b":1}'
        assert file.attrs["units"] == '{"labels":"class","maps":"logit"}'


def test_maps_are_stored_as_they_are(tmp_path: Path) -> None:
    maps = np.random.default_rng(0).standard_normal((50, 1, 8, 8), np.float32)
    write_maps(tmp_path / "maps.h5", maps, np.arange(50), {})
    assert maps.tobytes() in (tmp_path / "maps.h5").read_bytes()
    with h5py.File(tmp_path / "maps.h5") as file:
        assert cast(h5py.Dataset, file["indices"]).compression == "gzip"


def test_the_same_content_is_the_same_bytes(tmp_path: Path) -> None:
    assert write(tmp_path / "a.h5").read_bytes() == write(tmp_path / "b.h5").read_bytes()


def test_chunks_have_no_checksum_of_their_own(tmp_path: Path) -> None:
    """The sum of the whole file is looked at before it is opened: one of a part has nothing left to notice."""
    with h5py.File(write(tmp_path / "a.h5")) as file:
        assert cast(h5py.Dataset, file["maps"]).compression == "gzip"
        assert not cast(h5py.Dataset, file["maps"]).fletcher32


def test_a_flipped_byte_is_noticed_wherever_it_is(tmp_path: Path) -> None:
    data = write(tmp_path / "a.h5").read_bytes()
    for at in range(0, len(data), 97):
        (tmp_path / "b.h5").write_bytes(data[:at] + bytes([data[at] ^ 255]) + data[at + 1 :])
        with pytest.raises(InputError, match=r"b\.h5 (does not fit its own checksum|is no HDF5 file that ineq wrote)"):
            read_hdf5(tmp_path / "b.h5", stage="attribute", datasets=WANTED)


def test_what_hdf5_itself_would_never_end_with_is_not_opened(tmp_path: Path) -> None:
    """Found by `make torture`: the size of an object on the heap where attributes lie; h5py waits for ever for it."""
    data = write(tmp_path / "a.h5").read_bytes()
    heap = data.index(b"GCOL")
    (tmp_path / "a.h5").write_bytes(data[: heap + 24] + b"\0" * 8 + data[heap + 32 :])
    assert "does not fit" in checksum_error(tmp_path / "a.h5")
    with pytest.raises(InputError, match="does not fit its own checksum"):
        read_hdf5(tmp_path / "a.h5", stage="attribute", datasets=WANTED)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda path: path.unlink(), "is missing: rerun the stage 'attribute'"),
        (
            lambda path: path.write_bytes(path.read_bytes()[:-500]),
            "does not fit its own checksum: rerun the stage 'attribute'",
        ),
        (lambda path: path.write_text("hello"), "is no HDF5 file that ineq wrote"),
        (lambda path: h5py.File(path, "w").close(), "is no HDF5 file that ineq wrote"),
        (lambda path: (path.unlink(), path.mkdir()), r"can't be read \(Is a directory\)"),
        (lambda path: write(path, stage="noise"), "was written by stage 'noise', expected 'attribute'"),
        (lambda path: write(path, np.full((2, 2), np.nan, np.float32)), "'maps' holds values that are not finite"),
        (lambda path: write(path, np.zeros((2, 2))), "'maps' is float64 with 2 dimensions, expected float32 with 2"),
        (lambda path: write(path, np.zeros(2, np.float32)), "'maps' is float32 with 1 dimensions"),
    ],
)
def test_bad_files_are_one_sentence(tmp_path: Path, spoil, sentence: str) -> None:
    path = write(tmp_path / "a.h5")
    spoil(path)
    with pytest.raises(InputError, match=sentence) as caught:
        read_hdf5(path, stage="attribute", datasets=WANTED)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_an_edit_of_one_value_is_noticed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5")
    with h5py.File(path, "r+") as file:
        cast(h5py.Dataset, file["maps"])[3, 4] = 5.0
    with pytest.raises(InputError, match="does not fit its own checksum"):
        read_hdf5(path, stage="attribute", datasets=WANTED)
