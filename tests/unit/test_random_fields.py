"""Random fields: known answers of the generator, and nothing but the key decides: no batch, order, device or CPU."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
import torch

from ineq.data import random_fields
from ineq.data.random_fields import normal_fields, permutations, philox, uniform_numbers

torch.set_num_threads(1)
SHAPE = (3, 5, 7)
ANSWERS = {
    (0,) * 6: (0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B),
    (2**64 - 1,) * 6: (0x87B092C3013FE90B, 0x438C3C67BE8D0224, 0x9CC7D7C69CD777B6, 0xA09CAEBF594F0BA0),
    (
        *(0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89),
        *(0x452821E638D01377, 0xBE5466CF34E90C6C),
    ): (0xA528F45403E61D95, 0x38C72DBD566E9788, 0xA5A1610E72FD18B5, 0x57BD43B5E52B7FE6),
}
"""Words of counter and key, and of the result: `kat_vectors` of Random123, the generator's authors' library."""
FUNCTIONS: dict[str, Callable[..., torch.Tensor]] = {
    "normal_fields": lambda seed, purpose, indices, draw=0, **where: normal_fields(
        seed, purpose, indices, SHAPE, draw, **where
    ),
    "permutations": lambda seed, purpose, indices, draw=0, **where: permutations(
        seed, purpose, indices, 101, draw, **where
    ),
    "uniform_numbers": uniform_numbers,
}
SHAPES = {
    "normal_fields": (SHAPE, torch.float32),
    "permutations": ((101,), torch.int64),
    "uniform_numbers": ((), torch.float32),
}


@pytest.mark.parametrize("words", ANSWERS)
def test_the_generator_gives_its_authors_answers(words: tuple[int, ...]) -> None:
    unsigned = np.array(words, np.uint64)
    found = philox(torch.from_numpy(unsigned[:4].view(np.int64)), words[4:])
    assert tuple(found.numpy().view(np.uint64)) == ANSWERS[words]
    # numpy's counts before it draws.
    before = (sum(word << 64 * place for place, word in enumerate(words[:4])) - 1) % 2**256
    assert tuple(np.random.Philox(key=unsigned[4:], counter=before).random_raw(4)) == ANSWERS[words]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_nothing_but_the_key_decides(name: str) -> None:
    function = FUNCTIONS[name]
    whole = function(3, "p", range(50), 2)
    assert whole.device == torch.device("cpu")
    shape, dtype = SHAPES[name]
    assert whole.shape == (50, *shape) and whole.dtype == dtype
    for size in range(1, 50):
        parts = [function(3, "p", range(50)[start : start + size], 2) for start in range(0, 50, size)]
        assert torch.equal(torch.cat(parts), whole), size
    some = np.array([49, 0, 7])
    assert torch.equal(function(3, "p", some, 2), whole[some])


PRINT_DIGEST = """
import hashlib, torch
from ineq.data.random_fields import normal_fields, permutations, uniform_numbers
found = [normal_fields(1, "p", range(9), (3, 61, 61)), uniform_numbers(1, "p", range(99))]
found += [permutations(1, "p", range(3), size) for size in (99, 40_000)]
digest = hashlib.sha256(b"".join(values.numpy().tobytes() for values in found))
print(torch.backends.cpu.get_cpu_capability(), digest.hexdigest())
"""


def test_every_kind_of_cpu_gives_the_same_bytes() -> None:
    """Instruction sets have kernels of their own, and a compiler may fuse operations in some of them only."""
    found = {}
    for name, isa in {"DEFAULT": "SSE41", "AVX2": "AVX2", "": ""}.items():
        kinds = {"ATEN_CPU_CAPABILITY": name.lower(), "ONEDNN_MAX_CPU_ISA": isa} if name else {}
        clean = {
            key: value for key, value in os.environ.items() if key not in ("ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA")
        }
        command = [sys.executable, "-c", PRINT_DIGEST]
        told = subprocess.run(command, env={**clean, **kinds}, capture_output=True, text=True, check=True).stdout
        capability, found[name] = told.rsplit(maxsplit=1)
        assert capability.replace("NO AVX", "DEFAULT") == name or not name  # as older torches call it
    assert len(set(found.values())) == 1, found


@pytest.mark.parametrize("other", [(4, "p", 0, 0), (3, "q", 0, 0), (3, "p", 1, 0), (3, "p", 0, 1)])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_part_of_the_key_counts(name: str, other: tuple[int, str, int, int]) -> None:
    seed, purpose, index, draw = other
    assert not torch.equal(FUNCTIONS[name](seed, purpose, [index], draw), FUNCTIONS[name](3, "p", [0]))


def test_the_key_is_the_documented_hash() -> None:
    digest = hashlib.sha256(b"(3, 'p')").digest()
    key = np.frombuffer(digest[:16], ">u8").astype(np.uint64)
    source = np.random.Philox(key=key, counter=[0, 2, 7, 0])
    order = np.argsort(source.random_raw(3).view(np.int32)[:5], kind="stable")
    assert permutations(3, "p", [7], 5, 2).tolist() == [order.tolist()]


def test_fields_are_box_and_mullers() -> None:
    """Against numpy's functions, at numbers that span all of the range."""
    random = np.random.default_rng(0)
    words = np.concatenate([random.integers(-(2**63), 2**63 - 1, 10_000), [0, -1, 2**31 - 1, 2**63 - 1, -(2**63)]])
    radius = np.sqrt(-2 * np.log(((words & 2**31 - 1) + 1) / 2**31)) * np.where(words & 2**31, -1, 1)
    angle = ((words >> 32) + 0.5) * np.pi / 2**32
    expected = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    found = random_fields._normal_pairs(torch.from_numpy(words))
    assert found.dtype == torch.float32
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-7, atol=5e-9)
    assert 6.5 < np.abs(expected).max() < 6.6


def test_fields_are_standard_normal_and_unrelated() -> None:
    fields = normal_fields(0, "p", range(200), (2, 2500)).reshape(200, 5000).double().numpy()
    flat = fields.ravel()
    moments = [(flat**power).mean() for power in (1, 2, 3, 4)]
    # Four standard errors of each, of a million numbers.
    assert (np.abs(np.array(moments) - [0, 1, 0, 3]) < [0.004, 0.0057, 0.0155, 0.0392]).all(), moments
    shares = [(flat < bound).mean() for bound in (-3, -2, -1, 0, 1, 2, 3)]
    assert shares == pytest.approx([0.00135, 0.02275, 0.15866, 0.5, 0.84134, 0.97725, 0.99865], abs=0.002)
    for one, other in ((fields[:-1], fields[1:]), (fields[:, :-1], fields[:, 1:]), (fields[:, ::2], fields[:, 1::2])):
        for power in (1, 2):  # squares, too: the two numbers of a word share a radius
            assert abs(np.corrcoef(one.ravel() ** power, other.ravel() ** power)[0, 1]) < 0.006
    first, second = (normal_fields(0, "p", [0], (10_000,), draw)[0].numpy() for draw in (0, 1))
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.04


@pytest.mark.parametrize("size", [1, 2, 3, 9, 40_000])
def test_orders_are_permutations(size: int) -> None:
    orders = permutations(0, "p", range(3), size)
    assert orders.dtype == torch.int64
    assert torch.equal(orders.sort(dim=1).values, torch.arange(size).expand(3, -1))


def test_every_order_is_as_likely() -> None:
    orders = permutations(0, "p", range(12_000), 4).numpy()
    counts = np.unique(orders, axis=0, return_counts=True)[1]
    assert len(counts) == 24
    # χ² of 23 degrees of freedom is above 49.7 once in a thousand.
    assert ((counts - 500) ** 2 / 500).sum() < 49.7


def test_of_equal_numbers_the_first_place_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    words = torch.tensor([[1 << 32 | 1, 1 << 32]])
    monkeypatch.setattr(random_fields, "_words", lambda *_: words)
    assert permutations(0, "p", [0], 4).tolist() == [[2, 0, 1, 3]]


def test_uniform_numbers_are_uniform() -> None:
    numbers = uniform_numbers(0, "p", range(10_000)).numpy()
    assert numbers.dtype == np.float32 and numbers.min() >= 0 and numbers.max() < 1
    counts = np.histogram(numbers, 10, (0, 1))[0]
    # χ² of 9 degrees of freedom is above 27.9 once in a thousand.
    assert ((counts - 1000) ** 2 / 1000).sum() < 27.9


def test_global_generators_are_left_alone() -> None:
    before, state = torch.get_rng_state(), np.random.get_state()[1].copy()  # type: ignore[index,union-attr]
    for function in FUNCTIONS.values():
        function(0, "p", range(3))
    assert torch.equal(before, torch.get_rng_state())
    np.testing.assert_array_equal(state, np.random.get_state()[1])  # type: ignore[index]
