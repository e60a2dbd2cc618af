"""CIFAR-10 in torchvision's format: the same images as torchvision reads, and nothing in a pickle is run."""

from __future__ import annotations

import io
import pickle
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ineq.data.cifar10 import BATCHES, FOLDER, META, cifar10
from ineq.data.draws import generator
from ineq.data.sources import SOURCES
from ineq.errors import InputError

NAMES = ("plane", "car", "bird")
COUNT = 4


class Python2Pickler(pickle._Pickler):  # type: ignore[name-defined]
    """Writes bytes as Python 2 wrote its strings, as the files of CIFAR-10 have them."""

    def save_string(self, value: bytes) -> None:
        self.write(pickle.BINSTRING + struct.pack("<i", len(value)) + value)  # type: ignore[attr-defined]

    dispatch = {**pickle._Pickler.dispatch, bytes: save_string}  # type: ignore[attr-defined]  # noqa: RUF012


def python2(content: Any) -> bytes:
    stream = io.BytesIO()
    Python2Pickler(stream, protocol=2).dump(content)
    # As the numpy of its time called it.
    return stream.getvalue().replace(b"numpy._core.multiarray", b"numpy.core.multiarray")


def batch(number: int, count: int = COUNT) -> dict[bytes, Any]:
    random = np.random.default_rng(number)
    return {
        b"batch_label": b"a batch",
        b"labels": [int(label) for label in random.integers(0, len(NAMES), count)],
        b"data": random.integers(0, 256, (count, 3072), np.uint8),
        b"filenames": [b"a.png"] * count,
    }


META_CONTENT = {b"num_cases_per_batch": COUNT, b"label_names": [name.encode() for name in NAMES], b"num_vis": 3072}


def write(root: Path, dump: Callable[[Any], bytes] = python2) -> Path:
    """A small CIFAR-10 below `root`; returns the folder of its batches."""
    folder = root / FOLDER
    folder.mkdir(parents=True)
    for number, name in enumerate([*BATCHES["train"], *BATCHES["test"]]):
        (folder / name).write_bytes(dump(batch(number)))
    (folder / META).write_bytes(dump(META_CONTENT))
    return folder


def as_text(content: dict[bytes, Any]) -> dict[str, Any]:
    return {key.decode(): value for key, value in content.items()}


@pytest.mark.parametrize("inside", [True, False])
def test_it_has_the_images_labels_and_names_of_its_batches(tmp_path: Path, inside: bool) -> None:
    folder = write(tmp_path)
    dataset = SOURCES["cifar10"](folder if inside else tmp_path, [3, 32, 32], held_out=0, seed=3)
    for split, numbers in {"train": range(5), "test": [5]}.items():
        images = np.concatenate([batch(number)[b"data"] for number in numbers]).reshape(-1, 3, 32, 32)
        labels = np.concatenate([batch(number)[b"labels"] for number in numbers])
        order = generator(3, "folder order", ("train", "test").index(split)).permutation(len(labels))
        assert np.array_equal(dataset.images[split], images[order])
        assert np.array_equal(dataset.labels[split], labels[order])
        assert (dataset.images[split].dtype, dataset.labels[split].dtype) == (np.uint8, np.int64)
    assert (dataset.scale, dataset.classes) == (255, NAMES)


def test_torchvision_reads_the_same_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from torchvision.datasets import CIFAR10, cifar

    write(tmp_path)
    # It knows the checksums of the real files only.
    monkeypatch.setattr(cifar, "check_integrity", lambda *_: True)
    ours = cifar10(tmp_path, seed=0)
    for split, train in {"train": True, "test": False}.items():
        theirs = CIFAR10(str(tmp_path), train=train, download=False)
        order = generator(0, "folder order", ("train", "test").index(split)).permutation(len(theirs))
        for image, label, row in zip(ours.images[split], ours.labels[split], order, strict=True):
            picture, target = theirs[int(row)]
            assert np.array_equal(image, np.asarray(picture).transpose(2, 0, 1))
            assert label == target
        assert tuple(theirs.classes) == ours.classes


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
@pytest.mark.parametrize("change", [as_text, dict], ids=["text", "bytes"])
def test_a_copy_that_python_3_wrote_is_read_too(
    tmp_path: Path, protocol: int, change: Callable[[dict[bytes, Any]], dict]
) -> None:
    write(tmp_path / "old")
    write(tmp_path / "new", lambda content: pickle.dumps(change(content), protocol=protocol))
    old, new = cifar10(tmp_path / "old"), cifar10(tmp_path / "new")
    assert np.array_equal(old.images["train"], new.images["train"])
    assert np.array_equal(old.labels["train"], new.labels["train"])
    assert old.classes == new.classes


class Call:
    """Pickled as a call: what an attacker's file holds."""

    def __init__(self, function: Callable, *arguments: Any):
        self.call = (function, arguments)

    def __reduce__(self) -> tuple:
        return self.call


ATTACKS = {
    "os.system": lambda marker: pickle.dumps(Call(__import__("os").system, f"touch {marker}")),
    "eval": lambda marker: pickle.dumps(Call(eval, f"open({str(marker)!r}, 'w')"), protocol=0),
    "open": lambda marker: pickle.dumps({b"data": Call(io.open, str(marker), "w")}, protocol=2),
    "getattr": lambda marker: pickle.dumps([Call(getattr, "text", "format")], protocol=4),
    "numpy": lambda marker: b"cnumpy\nsave\n(V" + str(marker).encode() + b"\nI1\ntR.",
    "dotted": lambda marker: pickle.dumps(np.ndarray.tofile, protocol=4),
    "codecs": lambda marker: b"c_codecs\nencode\n(Va\nVrot13\ntR.",
}


@pytest.mark.parametrize("name", [META, "data_batch_3"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_a_pickle_that_runs_something_runs_nothing(tmp_path: Path, attack: str, name: str) -> None:
    marker = tmp_path / "marker"
    content = ATTACKS[attack](marker)
    folder = write(tmp_path)
    (folder / name).write_bytes(content)
    with pytest.raises(
        InputError, match=rf"{name} (asks for .+, expected arrays|is not a whole batch.+rot13)"
    ) as error:
        cifar10(tmp_path)
    assert "\n" not in str(error.value)
    assert not list(tmp_path.glob("marker*"))


def test_the_marker_would_appear_if_it_were_run(tmp_path: Path) -> None:
    pickle.loads(ATTACKS["open"](tmp_path / "marker"))[b"data"].close()
    assert (tmp_path / "marker").exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({b"data": np.zeros((4, 3071), np.uint8)}, r"'data' is uint8 \(4, 3071\), expected uint8 \(N, 3072\)"),
        ({b"data": np.zeros((4, 3072))}, r"'data' is float64 \(4, 3072\), expected uint8"),
        ({b"data": [0]}, "'data' is list, expected uint8"),
        ({b"labels": [0, 1, 2]}, "has 4 images and 3 labels, expected one of each"),
        ({b"labels": [0, 1, 2, 3]}, "has labels from 0 to 3, expected 0 to 2"),
        ({b"labels": [0, 1, 2, -1]}, "has labels from -1 to 2, expected 0 to 2"),
        ({b"labels": [0, 1, 2, True]}, "'labels' is no list of whole numbers"),
        ({b"labels": None}, "'labels' is no list of whole numbers"),
        ({b"data": np.zeros((0, 3072), np.uint8), b"labels": []}, "has 0 images and 0 labels"),
    ],
)
def test_a_batch_that_cannot_be_is_one_sentence(tmp_path: Path, changes: dict, sentence: str) -> None:
    folder = write(tmp_path)
    (folder / "data_batch_2").write_bytes(python2(batch(1) | changes))
    with pytest.raises(InputError, match=rf"data_batch_2:? {sentence}"):
        cifar10(tmp_path)


@pytest.mark.parametrize("names", [None, [], [b"one"], [b"one", b"one"], [1, 2]])
def test_names_that_cannot_be_are_one_sentence(tmp_path: Path, names: Any) -> None:
    folder = write(tmp_path)
    (folder / META).write_bytes(python2({b"label_names": names}))
    with pytest.raises(InputError, match=r"batches.meta (has no list 'label_names'|names \d classes in a list of \d)"):
        cifar10(tmp_path)


@pytest.mark.parametrize("name", [META, "data_batch_5", "test_batch"])
def test_a_missing_or_truncated_file_is_named(tmp_path: Path, name: str) -> None:
    folder = write(tmp_path)
    whole = (folder / name).read_bytes()
    for length in (0, 1, 50, len(whole) // 2, len(whole) - 1):
        (folder / name).write_bytes(whole[:length])
        with pytest.raises(InputError, match=rf"{name} is not a whole batch of CIFAR-10 \(.+\)"):
            cifar10(tmp_path)
    (folder / name).write_bytes(pickle.dumps([1]))
    with pytest.raises(InputError, match=f"{name} holds a list, expected a dict"):
        cifar10(tmp_path)
    (folder / name).unlink()
    with pytest.raises(InputError, match=f"{name} is missing, expected CIFAR-10 as torchvision keeps it"):
        cifar10(tmp_path)


def test_other_shapes_and_held_out_images_are_refused(tmp_path: Path) -> None:
    write(tmp_path)
    with pytest.raises(InputError, match=r"shape is \[1, 32, 32\]: the images of CIFAR-10 are \[3, 32, 32\]"):
        cifar10(tmp_path, [1, 32, 32])
    with pytest.raises(InputError, match="held_out is 10: CIFAR-10 has its own splits, expected 0"):
        cifar10(tmp_path, held_out=10)


def test_the_archive_itself_is_not_the_folder(tmp_path: Path) -> None:
    (tmp_path / "cifar-10-python.tar.gz").write_bytes(b"packed")
    with pytest.raises(InputError, match=r"batches\.meta is missing, expected CIFAR-10 as torchvision keeps it"):
        cifar10(tmp_path / "cifar-10-python.tar.gz")
