"""Locks that the system gives up when their process ends, however it ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from ineq.errors import InputError


def take_lock(lock: int, place: Path, advice: str) -> bool:
    """Lock an open file, unless another process has it; `place` is the folder it is in.

    Raises `InputError` where the file system has no locks, as some shared ones.
    """
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        os.close(lock)
        reason = os.strerror(error.errno or 0)
        raise InputError(
            f"files in {place} can't be locked ({reason}), expected a file system with locks; a shared "
            f"one may have them if it is mounted with the option flock; {advice}"
        ) from None
    return True
