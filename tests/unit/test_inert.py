"""What is read of a pickle of which nothing is run: plain numbers of numpy's, by whichever version, and attributes."""

from __future__ import annotations

import io
import pickle
from collections import defaultdict
from typing import Any

import numpy as np
import pytest

from ineq.models.inert import PICKLE, Inert


def load(content: bytes) -> Any:
    return PICKLE.load(io.BytesIO(content))


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.array([0.25, 0.5], ">f8"), [0.25, 0.5]),
        (np.array([[0.25], [0.5]], np.float32), [0.25, 0.5]),
        (np.arange(16, dtype=np.uint8), [*range(16)]),
        (np.array(7, np.int64), [7]),
        (np.float16(0.5), 0.5),
        (np.arange(17), []),
        (np.array(["a"]), []),
        (np.array([1j]), []),
        (np.array([True]), []),
        (np.array([{}], object), []),
        (np.zeros(2, [("a", "f4")]), []),
        (np.zeros(2, "M8[s]"), []),
    ],
)
def test_plain_numbers_are_read(value: Any, expected: Any, protocol: int) -> None:
    content = pickle.dumps(value, protocol)
    assert load(content) == expected
    if protocol < 4:  # these name modules in lines, so numpy's earlier names can stand there
        assert b"numpy._core" not in (earlier := content.replace(b"numpy._core", b"numpy.core"))
        assert load(earlier) == expected


class Bag(dict):
    """A dict with attributes, as configurations are."""


class Slots:
    __slots__ = ("mean",)


def test_items_and_attributes_are_entries() -> None:
    bag = Bag(mean=1)
    bag.frozen = True  # type: ignore[attr-defined]
    slots = Slots()
    slots.mean = 2  # type: ignore[misc]
    pair = load(pickle.dumps([bag, slots, defaultdict(list, std=[3])]))
    assert [one.entries for one in pair] == [{"mean": 1, "frozen": True}, {"mean": 2}, {"std": [3]}]
    assert all(type(one) is Inert for one in pair)


@pytest.mark.parametrize(
    "content",
    [
        b"cnumpy._core.multiarray\nscalar\n(I1\nI2\ntR.",
        b"cnumpy._core.multiarray\nscalar\n)R.",
        b"cnumpy.core.numeric\n_frombuffer\n(I1\ntR.",
        b"cnumpy._core.multiarray\n_reconstruct\n)R(I1\nI2\nI3\nI4\nI5\ntb.",
        b"cnumpy\ndtype\n)R(I1\nI2\ntb.",
        b"c_codecs\nencode\n(Vx\nVrot13\ntR.",
        b"c_codecs\nencode\n(V\\u20ac\nVlatin1\ntR.",
        b"cnumpy\ndtype\n(VO\ntR(I3\nV|\ntb.",
    ],
)
def test_what_numpy_would_not_write_is_nothing(content: bytes) -> None:
    assert not load(content) or isinstance(load(content), Inert)
