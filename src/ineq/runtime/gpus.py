"""One GPU a job: jobs queue for the GPUs of a machine, and each sees only the one it got."""

from __future__ import annotations

import os
import random
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path

from ineq.config.short_repr import short_repr
from ineq.errors import InputError
from ineq.runtime.locks import take_lock

VISIBLE = "CUDA_VISIBLE_DEVICES"
SHARED_BY = "INEQ_JOBS_PER_GPU"
"""The variable that says how many jobs may have a GPU at once: 1, unless small models leave most of it idle."""
DRIVER = Path("/proc/driver/nvidia")
OTHERS = (Path("/dev/dxg"), Path("/dev/kfd"))
"""Where Windows' and AMD's GPUs are reached: both have no `DRIVER`."""
NODES = Path("/sys/class/kfd/kfd/topology/nodes")
PAUSE = 0.2
"""Seconds between two looks at GPUs that are all taken."""


def gpus() -> list[str]:
    """The ids that jobs may use: those that `CUDA_VISIBLE_DEVICES` names, else all that the machine has."""
    if VISIBLE in os.environ:
        return visible(os.environ[VISIBLE])
    if known := list((DRIVER / "gpus").glob("*")):
        return _with_slices() or _numbers(len(known))
    return _of_other_drivers()


def visible(value: str) -> list[str]:
    """The ids in a value of `CUDA_VISIBLE_DEVICES`, read as CUDA does.

    The list ends at the first entry that names no GPU, and a GPU named twice makes it empty. Entries are numbers, or
    all of them GPU-… or MIG-… with what follows; of an entry like 1x only the number counts.
    """
    kind = next((prefix for prefix in ("GPU-", "MIG-") if value.startswith(prefix)), "")
    ids: list[str] = []
    for entry in value.split(","):
        named = entry if kind else _number(entry.strip())
        if not named.startswith(kind) or not named:
            break
        if named in ids:
            return []
        ids.append(named)
    return ids


def _number(entry: str) -> str:
    match = re.match(r"\+?([0-9]+)", entry)
    return str(int(match[1])) if match else ""


def _numbers(count: int) -> list[str]:
    return [str(number) for number in range(count)]


def _with_slices() -> list[str]:
    """Where a GPU is divided by MIG, the ids of its slices and of whole GPUs: by number, it would give its first slice.

    CUDA gives a process one slice, or whole GPUs.
    """
    if not any(DRIVER.glob("capabilities/gpu*/mig/gi*/ci*")):
        return []
    ids: list[str] = []
    for whole, slices in re.findall(r"^GPU \d+: .*UUID: (GPU-[^)\s]+)\)((?:\n +MIG .*)*)", _said_by_nvidia(), re.M):
        ids += re.findall(r"UUID: (MIG-[^)\s]+)", slices) or [whole]
    return ids


def _of_other_drivers() -> list[str]:
    windows, amd = OTHERS
    if windows.exists():
        return _numbers(len(re.findall(r"^GPU \d+:", _said_by_nvidia(), re.M)))
    # Most computers with a chip of AMD have this driver: it counts only for a torch that is built for it.
    if (
        amd.exists()
        and "rocm" in version("torch")
        and not {"HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES"} & set(os.environ)
    ):
        return _numbers(sum(_is_gpu(node) for node in NODES.iterdir()))
    return []


def _is_gpu(node: Path) -> bool:
    """Whether a node of AMD's driver is a GPU that this process may use."""
    with suppress(OSError):
        return int((node / "gpu_id").read_text()) > 0
    return False


def _said_by_nvidia() -> str:
    with suppress(OSError, subprocess.SubprocessError):
        return subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=60, check=True).stdout
    return ""


def jobs_per_gpu() -> int:
    """How many jobs may have one GPU at once. Raises `InputError` for a value that is no such number."""
    value = os.environ.get(SHARED_BY, "1")
    if not re.fullmatch("[1-9][0-9]?", value):
        raise InputError(f"{SHARED_BY} is {short_repr(value)}, expected a whole number from 1 to 99")
    return int(value)


def meeting_place() -> Path:
    """Where jobs of one user on one machine meet, whatever their checkout; each Slurm job has GPUs of its own."""
    of = os.environ.get("SLURM_JOB_ID")
    return Path(tempfile.gettempdir()) / f"ineq-gpus-{os.getuid()}{f'-{of}' if of else ''}"


@contextmanager
def acquire_gpu(
    ids: Sequence[str], place: Path, say: Callable[[str], None] = lambda line: None
) -> Iterator[str | None]:
    """Hold one of `ids` (None if there is none), waiting while all are taken; only that one is visible inside.

    The system gives up a lock when its process ends, however it ends: a killed job keeps nobody waiting. Raises
    `InputError` where files can't be locked.
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
    seats = [(name, seat) for seat in range(jobs_per_gpu()) for name in ids]
    announced = False
    while True:
        # In another order each time, so that nobody queues behind one long job while another GPU comes free; but a GPU
        # that nobody has comes before one that is shared.
        for name, seat in sorted(random.sample(seats, len(seats)), key=lambda one: one[1]):
            file = f"{name.replace('/', '-')}{f'-{seat}' if seat else ''}.lock"
            lock = os.open(place / file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            if take_lock(lock, place, "TMPDIR may name another folder"):
                return name, lock
            os.close(lock)
        if not announced:
            say(f"waits for a GPU: all {len(ids)} are taken" if len(ids) > 1 else "waits for the GPU: it is taken")
            announced = True
        time.sleep(PAUSE)
