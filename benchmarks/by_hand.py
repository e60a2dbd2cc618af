"""A study without an engine: each stage's own command, wave by wave, as what they read is there."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ineq.config.study import load_study
from ineq.planning.jobs import Job, jobs


def run_by_hand(root: Path, workers: int, variables: Mapping[str, str], only: Collection[str] = ()) -> None:
    """Run every job of the study in `root`, or those whose record is among the targets `only` and what they need.

    What is there already is not made again. Raises `RuntimeError` with the last lines of the first job that failed.
    """
    wanted = [one for one in jobs(load_study(root)) if not (root / one.record).exists()]
    if only:
        wanted = _needed(wanted, only)
    made = {path for one in wanted for path in one.outputs.values()}
    while wanted:
        ready = [one for one in wanted if not made & set(one.input_files)]
        with ThreadPoolExecutor(workers) as pool:
            for failed in filter(None, pool.map(lambda one: _run(root, one, variables), ready)):
                raise RuntimeError(failed)
        made -= {path for one in ready for path in one.outputs.values()}
        wanted = [one for one in wanted if one not in ready]


def _needed(found: list[Job], targets: Collection[str]) -> list[Job]:
    """The jobs that make `targets`, and those before them."""
    paths, needed = set(map(Path, targets)), []
    for one in reversed(found):
        if paths & set(one.outputs.values()):
            needed.append(one)
            paths |= set(one.input_files)
    return needed[::-1]


def _run(root: Path, one: Job, variables: Mapping[str, str]) -> str:
    """Run one job; what it said last if it failed."""
    # An audit's folder has no source of its own.
    sources = [str(folder / "src") for folder in (root.resolve(), Path(__file__).resolve().parents[1])]
    path = os.pathsep.join(filter(None, [*sources, os.environ.get("PYTHONPATH", "")]))
    command = [sys.executable, *one.command.split()[1:]]
    environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", **variables}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else f"{one.command}\n{done.stderr[-2000:]}"
