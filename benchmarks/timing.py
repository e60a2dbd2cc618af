"""Two sides of a comparison, timed in turn in one run, since machines are noisy."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from statistics import median
from typing import Any

ROUNDS = 5
PACKAGES = ("torch", "torchvision", "captum", "quantus", "torchattacks", "snakemake", "dvc", "numpy")
Call = Callable[[], object]


@dataclass(frozen=True)
class Row:
    """How many times as long as this project another side takes: the median over rounds, and the extremes."""

    group: str
    what: str
    against: str
    seconds: float
    ratio: float
    low: float
    high: float
    wanted: str = ""
    note: str = ""


def compare(
    group: str,
    what: str,
    ours: Call,
    others: Mapping[str, Call],
    *,
    rounds: int = ROUNDS,
    share: Mapping[str, float] | None = None,
    wanted: Mapping[str, str] | None = None,
    note: str = "",
) -> Iterator[Row]:
    """One row for each of `others`, timed between two runs of ours, since a machine's speed drifts.

    Where another side does only a part of the work, `share` says how much of it.
    """
    own: list[float] = []
    ratios: dict[str, list[float]] = {name: [] for name in others}
    for turn in range(rounds + 1):
        before = _seconds(ours)
        for name, call in others.items():
            other, after = _seconds(call) / (share or {}).get(name, 1.0), _seconds(ours)
            if turn:  # the first round finds kernels and fills caches
                own.append(after)
                ratios[name].append(2 * other / (before + after))
            before = after
    for name, found in ratios.items():
        taken, low, middle, high = (round(value, 4) for value in (median(own), min(found), median(found), max(found)))
        yield Row(group, what, name, taken, middle, low, high, (wanted or {}).get(name, ""), note)


def _seconds(call: Call) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def best(calls: Mapping[int, Call]) -> int:
    """The key whose call takes least, each tried twice."""
    return min(calls, key=lambda key: min(_seconds(calls[key]), _seconds(calls[key])))


def machine() -> dict[str, Any]:
    """What the numbers hold for."""
    import torch

    found = torch.cpu.get_capabilities()
    processor = found.get("cpu_name") or platform.machine()
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "none"
    return {
        "processor": processor,
        "cores": len(os.sched_getaffinity(0)),
        "gpu": device,
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "measured": time.strftime("%Y-%m-%d"),
    }


def as_records(rows: list[Row]) -> list[dict[str, Any]]:
    """Rows as plain dictionaries."""
    return [asdict(row) for row in rows]
