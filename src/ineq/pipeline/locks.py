"""Locks that the system gives up when their process ends, however it ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from ineq.errors import InputError


def take_lock(lock: int, place: Path) -> bool:
    """Lock an open file, unless another process has it; `place` is the folder it is in.

    Raises `InputError` where the file system has no locks, as some shared ones.
    """
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        os.close(lock)
        raise InputError(
            f"files in {place} can't be locked ({os.strerror(error.errno or 0)}): wanted a file system with locks; a "
            "shared one may have them if it is mounted with `flock`, and TMPDIR may name a folder of this machine"
        ) from None
    return True
