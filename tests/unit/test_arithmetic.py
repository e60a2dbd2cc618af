"""What torch computes in is what was asked for, and what the record says; operations that may differ are named."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from pretended.pretended_gpu import PretendedGPU

from ineq import device
from ineq.device import arithmetic, computing_in, effective, hardware, mixed, number_type, set_arithmetic
from ineq.runtime.machine import not_deterministic
from ineq.runtime.run import Run, StageParameters


@pytest.fixture(autouse=True)
def nothing_stays_set() -> Iterator[None]:
    before = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    flags = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32, torch.backends.cudnn.benchmark
    arithmetic()
    yield
    torch.use_deterministic_algorithms(before[0], warn_only=before[1])
    torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32, torch.backends.cudnn.benchmark = flags


def tf32() -> tuple[bool, bool]:
    return bool(torch.backends.cuda.matmul.allow_tf32), bool(torch.backends.cudnn.allow_tf32)


def test_in_a_new_process_float32_is_float32_and_everything_repeats() -> None:
    code = """
import json, os, torch
from ineq.device import set_arithmetic
torch.backends.cudnn.allow_tf32 = torch.backends.cudnn.benchmark = True
set_arithmetic(1)
print(json.dumps([torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32,
    torch.backends.cudnn.benchmark, torch.are_deterministic_algorithms_enabled(),
    torch.is_deterministic_algorithms_warn_only_enabled(), os.environ["CUBLAS_WORKSPACE_CONFIG"],
    torch.get_num_threads()]))
"""
    environment = {name: value for name, value in os.environ.items() if name != "CUBLAS_WORKSPACE_CONFIG"}
    said = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert json.loads(said.stdout) == [False, False, False, True, True, ":4096:8", 1]


def test_tf32_is_on_only_where_it_is_asked_for_and_there() -> None:
    set_arithmetic(1, "tf32")
    assert tf32() == (False, False), "no processor has it"
    assert arithmetic()["precisions"] == ["float32"]
    with PretendedGPU().present():
        set_arithmetic(1, "tf32")
        assert tf32() == (True, True)
        with computing_in("float32"):
            assert tf32() == (False, False)
        assert tf32() == (True, True)
        assert arithmetic()["precisions"] == ["float32", "tf32"]
        set_arithmetic(1, "bfloat16")
        assert tf32() == (False, False)


def test_flags_are_put_back_each_to_its_own() -> None:
    torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = False, True
    with computing_in("float32"):
        assert tf32() == (False, False)
    assert tf32() == (False, True)


def test_training_in_bfloat16_is_called_so_on_every_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "_has_bfloat16", lambda: False)
    one = torch.ones(2, 2)
    with mixed("bfloat16"):
        assert (one @ one).dtype == torch.bfloat16
    assert arithmetic()["precisions"] == ["bfloat16"]
    with mixed("float32"):
        assert (one @ one).dtype == torch.float32


def test_a_gpu_has_its_own_batch_size() -> None:
    parameters = {"runtime.batch_size": 10, "runtime.gpu_batch_size": None}
    some: Any = SimpleNamespace(inputs={})
    run = Run(some, StageParameters("noise", parameters), {}, Path(), "")
    other = Run(some, StageParameters("noise", {**parameters, "runtime.gpu_batch_size": 50}), {}, Path(), "")
    assert run.batch_size == other.batch_size == 10
    with PretendedGPU().present():
        assert (run.batch_size, other.batch_size) == (10, 50)


@pytest.mark.parametrize("has", [True, False])
def test_the_record_says_what_bfloat16_became(has: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "_has_bfloat16", lambda: has)
    set_arithmetic(1, "bfloat16")
    wanted = "bfloat16" if has else "float32"
    assert arithmetic()["precisions"] == [effective("bfloat16")] == [wanted]
    assert number_type("bfloat16") == getattr(torch, wanted)
    assert arithmetic()["precisions"] == [], "told once: what came before belongs to another job"


def test_operations_without_a_deterministic_form_are_named_and_shown() -> None:
    """The words are torch's; on a CPU this operation is one of them."""
    set_arithmetic(1)
    with pytest.warns(UserWarning, match="deterministic"), not_deterministic() as found:
        torch.zeros(3).put_(torch.tensor([0, 0]), torch.ones(2), accumulate=False)
    assert found == ["put_"]
    with pytest.warns(UserWarning), not_deterministic() as found:
        warnings.warn("cumsum_cuda_kernel does not have a deterministic implementation, but you set", stacklevel=1)
        warnings.warn("something else", stacklevel=1)
        warnings.warn("Memory Efficient attention defaults to a non-deterministic algorithm. To", stacklevel=1)
        warnings.warn(
            "but this operation is not deterministic because it uses CuBLAS and you have CUDA >= 10.2", stacklevel=1
        )
    assert found == ["cumsum_cuda_kernel", "Memory Efficient attention", "CuBLAS"]


def test_hardware_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert hardware() == {"instructions": torch.backends.cpu.get_cpu_capability()}
    with PretendedGPU().present():
        found = hardware()
    assert found["gpu"] == "a pretended GPU" and found["cuda"] == (torch.version.cuda or "none")
    assert {"gpu_driver", "cudnn", "peak_gpu_memory_gb"} <= set(found)


def test_memory_is_the_computers_or_what_a_gpu_has_free() -> None:
    assert device.memory_of(torch.device("cpu")) > 1e8
    with PretendedGPU().present():
        assert device.memory_of(torch.device("cuda")) == torch.cuda.mem_get_info()[0]


def test_no_module_asks_for_a_device_in_another_way() -> None:
    """`.device` of a module, and comparisons of devices, are in `ineq.device` alone."""
    source = Path(device.__file__).parent
    for path in source.rglob("*.py"):
        if path.name != "device.py":
            text = path.read_text()
            assert ".parameters()).device" not in text and ".device ==" not in text and ".device !=" not in text, path
