"""One run at a time in a checkout: Snakemake takes the lock of DVC's commands, and neither runs beside the other."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from ineq.errors import InputError
from ineq.runtime.locks import take_lock

LOCK = Path(".dvc/tmp/lock")
BUSY = Path(".dvc/tmp/rwlock")
"""What the jobs of a running DVC write, with its process: it gives its lock up while a job runs."""
PATIENCE = 3.0
"""Seconds that DVC waits for its lock too; commands that only look are over by then."""


def checkout_lock(root: Path = Path(".")) -> int:
    """Take the checkout until the file that is returned is closed, or this process ends, however it ends.

    Raises `InputError` where another run is at work there.
    """
    path = root / LOCK
    if not path.parents[1].is_dir():
        # No checkout of the project: nothing runs there.
        return os.open(os.devnull, os.O_RDONLY)
    path.parent.mkdir(exist_ok=True)
    # Not handed on to jobs: one that outlives its engine keeps nobody waiting.
    lock = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o666)
    until = time.monotonic() + PATIENCE
    while not take_lock(lock, path.parent, "a copy of the project on another disk has them, too"):
        if time.monotonic() > until:
            said = os.pread(lock, 100, 0).decode(errors="replace").strip()
            os.close(lock)
            raise InputError(_refusal(f"process {said}" if said else "another process"))
        time.sleep(0.1)
    if busy := _busy(root / BUSY):
        os.close(lock)
        raise InputError(_refusal(f"DVC, process {busy},"))
    os.ftruncate(lock, 0)
    os.pwrite(lock, f" {os.getpid()}\n".encode(), 0)
    return lock


def _refusal(who: str) -> str:
    return f"{who} is at work in this checkout: wait until it has ended, or use another checkout"


def _busy(path: Path) -> int | None:
    """The process of a DVC that runs a job now; the entries of a killed one stay in the file."""
    try:
        writers = json.loads(path.read_text(encoding="utf-8"))["write"].values()
        return next((int(entry["pid"]) for entry in writers if Path("/proc", str(entry["pid"])).exists()), None)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None
