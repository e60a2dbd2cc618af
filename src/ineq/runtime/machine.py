"""The machine that a job runs on, and how it computes there: what stands in `.runs`, and what in a record."""

from __future__ import annotations

import contextlib
import platform
import re
import socket
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ineq.cores import cores

NOT_DETERMINISTIC = re.compile(
    r"(\S+) does not have a deterministic implementation|((?:\w+ )*attention) defaults to a non-deterministic algorithm"
    r"|(CuBLAS) and you have CUDA",
    re.IGNORECASE,
)
"""What torch says of an operation that may give other bits each time."""


@contextlib.contextmanager
def not_deterministic() -> Iterator[list[str]]:
    """A list that is filled with the operations that torch warns of inside; warnings are shown as ever."""
    operations: list[str] = []
    show = warnings.showwarning

    def note(message: Warning | str, *about: Any, **more: Any) -> None:
        if operation := NOT_DETERMINISTIC.search(str(message)):
            operations.append(next(filter(None, operation.groups())))
        show(message, *about, **more)

    warnings.showwarning = note
    try:
        yield operations
    finally:
        warnings.showwarning = show


def computed_in(operations: list[str]) -> dict[str, Any]:
    """For the record of a stage that has run a model; `operations` is what `not_deterministic` found."""
    from ineq.device import arithmetic

    return {**arithmetic(), "not_deterministic": sorted(set(operations))}


def hardware(with_model: bool) -> dict[str, Any]:
    """The computer and its processor and, where a model has run, the GPU."""
    return {
        "host": socket.gethostname(),
        "machine": platform.machine(),
        "processor": _processor(),
        "cores": cores(),
        **(_of_torch() if with_model else {}),
    }


def _of_torch() -> dict[str, Any]:
    from ineq.device import hardware

    return hardware()


def _processor() -> str:
    """What the system calls it; `platform.processor` is silent on Linux."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


def peak_memory_gb() -> float:
    """The most memory that this process has had, in GB."""
    import resource

    # Kilobytes on Linux, bytes on macOS.
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9, 2)
