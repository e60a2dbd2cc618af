"""Data sets: the digits as scikit-learn has them, split by a seed, stored exactly and checked when read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from ineq.data.dataset import SPLITS, Dataset, read_split, write_dataset
from ineq.data.sources import SOURCES
from ineq.errors import InputError
from ineq.io.hdf5 import write_hdf5

PARAMETERS = {"data.name": "digits", "data.held_out": 800, "data.seed": 0}


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return SOURCES["digits"](held_out=800, seed=0)


def test_every_digit_is_in_one_split_with_its_label(dataset: Dataset) -> None:
    assert [len(dataset.labels[split]) for split in SPLITS] == [997, 800]
    found = sorted(
        (int(label), image.tobytes())
        for split in SPLITS
        for image, label in zip(dataset.images[split], dataset.labels[split], strict=True)
    )
    pixels, labels = map(np.asarray, load_digits(return_X_y=True))
    assert found == sorted(
        (int(label), image.astype(np.uint8).tobytes()) for image, label in zip(pixels, labels, strict=True)
    )
    assert dataset.images["train"].dtype == np.uint8
    assert dataset.images["train"].shape[1:] == (1, 8, 8)


def test_the_seed_decides_the_split_and_every_class_is_in_both(dataset: Dataset) -> None:
    same, other = SOURCES["digits"](held_out=800, seed=0), SOURCES["digits"](held_out=800, seed=1)
    assert np.array_equal(same.images["test"], dataset.images["test"])
    assert not np.array_equal(other.images["test"], dataset.images["test"])
    for split in SPLITS:
        assert np.bincount(dataset.labels[split], minlength=10).min() > 50


@pytest.mark.parametrize("held_out", [0, 1797, -1])
def test_a_split_without_images_is_refused(held_out: int) -> None:
    with pytest.raises(InputError, match=rf"held_out is {held_out}, expected a whole number from 1 to 1796"):
        SOURCES["digits"](held_out=held_out, seed=0)


def test_what_is_written_is_read_exactly(dataset: Dataset, tmp_path: Path) -> None:
    write_dataset(tmp_path / "data.h5", dataset, PARAMETERS)
    for split in SPLITS:
        found = read_split(tmp_path / "data.h5", split)
        images = np.asarray(found.images)
        assert images.dtype == np.float32
        assert (images.min(), images.max()) == (0, 1)
        assert np.array_equal(images * 16, dataset.images[split])
        assert np.array_equal(found.labels, dataset.labels[split])
        assert found.classes == tuple("0123456789")


def test_the_same_data_is_the_same_bytes(dataset: Dataset, tmp_path: Path) -> None:
    for name in ("a.h5", "b.h5"):
        write_dataset(tmp_path / name, dataset, PARAMETERS)
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()


def test_an_unknown_split_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unknown split 'tset', expected one of test, train; did you mean 'test'"):
        read_split(tmp_path / "data.h5", "tset")


@pytest.mark.parametrize(
    ("missing", "what"),
    [("train", "no training images, which training needs"), ("test", "no test images, which the log")],
)
def test_a_data_set_of_one_split_says_what_the_other_is_for(
    dataset: Dataset, tmp_path: Path, missing: str, what: str
) -> None:
    kept = next(split for split in SPLITS if split != missing)
    one = replace(dataset, images={kept: dataset.images[kept]}, labels={kept: dataset.labels[kept]})
    write_dataset(tmp_path / "data.h5", one, PARAMETERS)
    assert len(read_split(tmp_path / "data.h5", kept).labels) == len(dataset.labels[kept])
    with pytest.raises(InputError, match=f"data.h5: the data set has {what}.+`eval.split` to {kept}$"):
        read_split(tmp_path / "data.h5", missing)


def test_a_file_that_is_no_data_set_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "data.h5"
    with pytest.raises(InputError, match="is missing: rerun the stage 'data'"):
        read_split(path, "test")
    path.write_bytes(b"text")
    with pytest.raises(InputError, match="is no HDF5 file that ineq wrote"):
        read_split(path, "test")
    write_hdf5(path, {"train/x": np.zeros(1)}, stage="other", parameters={}, units={"train/x": ""})
    with pytest.raises(InputError, match="was written by stage 'other', expected 'data'"):
        read_split(path, "test")


@pytest.mark.parametrize(
    ("kind", "values", "sentence"),
    [
        ("labels", np.zeros(799, np.int64), "800 images and 799 labels, expected one of each"),
        ("labels", np.full(800, 10), "labels from 10 to 10, expected 0 to 9"),
        ("labels", np.full(800, -1), "labels from -1 to -1, expected 0 to 9"),
        ("images", np.full((800, 1, 8, 8), 17, np.uint8), "pixels up to 17, expected at most 16"),
        ("images", np.zeros((800, 8, 8), np.uint8), "is uint8 with 3 dimensions, expected uint8 with 4"),
    ],
)
def test_content_that_cannot_be_is_one_sentence(
    dataset: Dataset, tmp_path: Path, kind: str, values: np.ndarray, sentence: str
) -> None:
    spoilt = replace(dataset, **{kind: {**getattr(dataset, kind), "test": values}})
    write_dataset(tmp_path / "data.h5", spoilt, PARAMETERS)
    with pytest.raises(InputError, match=f"{sentence}: rerun the stage 'data'"):
        read_split(tmp_path / "data.h5", "test")
