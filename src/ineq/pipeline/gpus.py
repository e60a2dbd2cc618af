"""One GPU a job: jobs queue for the GPUs of a machine, and each sees only the one it got."""

from __future__ import annotations

import fcntl
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ineq.pipeline.stage import Stage

VISIBLE = "CUDA_VISIBLE_DEVICES"
DRIVER = Path("/proc/driver/nvidia/gpus")
PAUSE = 0.2
"""Seconds between two looks at GPUs that are all taken."""


def needs_gpu(stage: Stage) -> bool:
    """Whether a stage runs a model, and so profits of a GPU."""
    return "runtime.threads" in stage.parameters


def gpus() -> list[str]:
    """The ids that jobs may use: those that `CUDA_VISIBLE_DEVICES` names, else one for each that the driver knows."""
    if VISIBLE in os.environ:
        names = [name.strip() for name in os.environ[VISIBLE].split(",")]
        return [name for name in names if name and name != "-1"]
    return [str(number) for number, _ in enumerate(DRIVER.iterdir())] if DRIVER.is_dir() else []


def meeting_place() -> Path:
    """Where jobs of one user on one machine meet, whatever their checkout; each Slurm job has GPUs of its own."""
    of = os.environ.get("SLURM_JOB_ID")
    return Path(tempfile.gettempdir()) / f"ineq-gpus-{os.getuid()}{f'-{of}' if of else ''}"


@contextmanager
def one_of(ids: Sequence[str], place: Path, say: Callable[[str], None] = lambda line: None) -> Iterator[str | None]:
    """Hold one of `ids` (None if there is none), waiting while all are taken; only that one is visible inside.

    The system gives up a lock when its process ends, however it ends: a killed job keeps nobody waiting.
    """
    if not ids:
        yield None
        return
    place.mkdir(parents=True, exist_ok=True)
    before = os.environ.get(VISIBLE)
    name, lock = _taken(ids, place, say)
    os.environ[VISIBLE] = name
    try:
        yield name
    finally:
        os.close(lock)
        if before is None:
            del os.environ[VISIBLE]
        else:
            os.environ[VISIBLE] = before


def _taken(ids: Sequence[str], place: Path, say: Callable[[str], None]) -> tuple[str, int]:
    """An id that was free, and the open file that keeps it."""
    told = False
    while True:
        # In another order each time, so that nobody queues behind one long job while another GPU comes free.
        for name in random.sample(list(ids), len(ids)):
            lock = os.open(place / f"{name.replace('/', '-')}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
            else:
                return name, lock
        if not told:
            say(f"waits for a GPU: all {len(ids)} are taken" if len(ids) > 1 else "waits for the GPU: it is taken")
            told = True
        time.sleep(PAUSE)
