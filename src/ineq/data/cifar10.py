"""CIFAR-10 as torchvision keeps it, `cifar-10-batches-py`: pickled batches, read without running what is in them."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ineq.data.dataset import Dataset
from ineq.data.order import refuse_held_out, shuffled
from ineq.errors import InputError

FOLDER = "cifar-10-batches-py"
META = "batches.meta"
BATCHES = {"train": tuple(f"data_batch_{number}" for number in range(1, 6)), "test": ("test_batch",)}
SHAPE = (3, 32, 32)
VALUES = 3 * 32 * 32


def cifar10(
    path: Path,
    shape: Sequence[int] = SHAPE,
    held_out: int = 0,
    seed: int = 0,
    report: Callable[[str], None] = lambda line: None,
) -> Dataset:
    """The images of the batches in `path`, or in its folder `cifar-10-batches-py`, in an order that `seed` gives.

    Raises `InputError` for another shape than theirs, and for a file that is missing, not whole, or not such a batch.
    """
    refuse_held_out(held_out, "CIFAR-10")
    if tuple(shape) != SHAPE:
        raise InputError(f"shape is {list(shape)}: the images of CIFAR-10 are {list(SHAPE)}")
    folder = path / FOLDER if (path / FOLDER).is_dir() else path
    classes = _classes(folder / META)
    splits = {
        split: _joined([_batch(folder / name, len(classes)) for name in names]) for split, names in BATCHES.items()
    }
    return shuffled(splits, classes, seed)


def _joined(batches: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    images, labels = zip(*batches, strict=True)
    return np.concatenate(images), np.concatenate(labels)


def _classes(path: Path) -> tuple[str, ...]:
    """The names of the classes, in the order of the labels."""
    names = _unpickled(path).get("label_names")
    if not isinstance(names, list) or not all(isinstance(name, str | bytes) for name in names):
        raise InputError(f"{path} has no list 'label_names', expected the names of the classes")
    classes = tuple(name if isinstance(name, str) else name.decode("latin-1") for name in names)
    if len(classes) < 2 or len(set(classes)) < len(classes):
        raise InputError(f"{path} names {len(set(classes))} classes in a list of {len(classes)}, expected 2 or more")
    return classes


def _batch(path: Path, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 (N, 3, 32, 32) and labels int64 (N,) of one file."""
    content = _unpickled(path)
    data, labels = content.get("data"), content.get("labels")
    if not isinstance(data, np.ndarray) or data.dtype != np.uint8 or data.ndim != 2 or data.shape[1] != VALUES:
        actual = f"{data.dtype} {data.shape}" if isinstance(data, np.ndarray) else type(data).__name__
        raise InputError(f"{path}: 'data' is {actual}, expected uint8 (N, {VALUES})")
    if not isinstance(labels, list) or not all(type(label) is int for label in labels):
        raise InputError(f"{path}: 'labels' is no list of whole numbers")
    if not len(data) == len(labels) > 0:
        raise InputError(f"{path} has {len(data)} images and {len(labels)} labels, expected one of each")
    if min(labels) < 0 or max(labels) >= classes:
        raise InputError(f"{path} has labels from {min(labels)} to {max(labels)}, expected 0 to {classes - 1}")
    return data.reshape(-1, *SHAPE), np.array(labels, dtype=np.int64)


def _unpickled(path: Path) -> dict[str, Any]:
    """The dict in a file, its keys as str."""
    try:
        with path.open("rb") as stream:
            content = _Unpickler(stream, path).load()
    except (FileNotFoundError, NotADirectoryError):
        expected = f"expected CIFAR-10 as torchvision keeps it, {META}, {', '.join(map(', '.join, BATCHES.values()))}"
        raise InputError(f"{path} is missing, {expected}") from None
    except InputError:
        raise
    # A broken pickle raises whatever the step that it breaks in raises.
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"{path} is not a whole batch of CIFAR-10 ({reason})") from None
    if not isinstance(content, dict):
        raise InputError(f"{path} holds a {type(content).__name__}, expected a dict as in CIFAR-10")
    # Python 2 wrote the files, and its strings are bytes.
    return {key.decode("latin-1") if isinstance(key, bytes) else str(key): value for key, value in content.items()}


class _Unpickler(pickle.Unpickler):
    """Knows what a pickled array needs, and refuses every other name: a pickle can call whatever it can name."""

    def __init__(self, stream: Any, path: Path):
        super().__init__(stream, encoding="bytes")
        self._path = path

    def find_class(self, module: str, name: str) -> Any:
        """The one allowed thing of this name, or `InputError`."""
        if (known := ALLOWED.get((module, name))) is None:
            raise InputError(
                f"{self._path} asks for {module}.{name}, expected arrays, lists and text only, nothing run"
            )
        return known


def _latin1(text: str, encoding: str) -> bytes:
    """Bytes as Python 3 writes them for Python 2; `codecs.encode` itself does much else."""
    if encoding != "latin1":
        raise ValueError(f"text in '{encoding}', expected latin1")
    return text.encode("latin-1")


def _no_bytes() -> bytes:
    """What Python 3 writes for empty bytes in the same case."""
    return b""


# Taken from what numpy says of an array, so that no private name of numpy's is written here.
_RECONSTRUCT = np.empty(0, np.uint8).__reduce__()[0]
_FROM_BUFFER = np.empty(0, np.uint8).__reduce_ex__(5)[0]
ALLOWED: dict[tuple[str, str], Any] = {
    ("numpy.core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy._core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy.core.numeric", "_frombuffer"): _FROM_BUFFER,
    ("numpy._core.numeric", "_frombuffer"): _FROM_BUFFER,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("_codecs", "encode"): _latin1,
    ("__builtin__", "bytes"): _no_bytes,
}
