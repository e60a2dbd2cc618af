"""What a stage says: to whoever watches, and into its log, `results/<study>/.runs/<job>.log`.

The stage writes the log itself: no engine has to redirect it, so the command is the same under both, and alone.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import re
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from tqdm import tqdm

from ineq.errors import DEVICE_FAILED, EXIT_CODE, OUT_OF_MEMORY, InputError, first_line
from ineq.extras import extra

SECONDS = 10
"""Between two lines of progress in a log."""
SHORT = {
    errno.ENOSPC: "make room",
    errno.EDQUOT: "make room",
    errno.EROFS: "make the folder writable",
    errno.EACCES: "make the file accessible",
}
"""Errors of the system that are nobody's mistake here, and what to do."""

OF_GPU = re.compile("cuda|cu[a-z]+_status|hip ", re.IGNORECASE)
"""What stands in an error of a GPU's memory."""

# Without these tqdm starts a thread that looks after slow bars, and makes a lock for processes: Python 3.14 starts one
# more to look after that, which says of each job that the lock was left behind.
tqdm.monitor_interval = 0
tqdm.set_lock(threading.RLock())


class _Both(io.TextIOBase):
    """The terminal, or whatever an engine reads, and the log."""

    def __init__(self, watched: TextIO, log: TextIO):
        self.watched, self.log = watched, log

    def write(self, text: str) -> int:
        # A full disk must not keep from the terminal what there is to say of it.
        with contextlib.suppress(OSError):
            self.log.write(text)
        return self.watched.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self.log.flush()
        self.watched.flush()

    def isatty(self) -> bool:
        return self.watched.isatty()


@contextlib.contextmanager
def logged(path: Path) -> Iterator[None]:
    """Inside, what goes to stderr also goes to a new log; line by line, so that a kill leaves what was said."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    watched, log = sys.stderr, path.open("w", buffering=1, encoding="utf-8")
    sys.stderr = _Both(watched, log)
    try:
        yield
    finally:
        sys.stderr = watched
        with contextlib.suppress(OSError):
            log.close()


@contextlib.contextmanager
def exit_on_error(stage: str, failed: str = "") -> Iterator[None]:
    """Turn what goes wrong inside into words and an exit code.

    That is 2 and one sentence for bad input, 130 for Ctrl-C, 1 and one sentence where the machine has too little of
    something. The unexpected is a traceback and, as the last line, `failed`; without `failed` it is left to Python.
    """
    try:
        with extra("workflow", "the workflow"):
            yield
    except KeyboardInterrupt:
        print(f"{stage}: interrupted; nothing was written", file=sys.stderr)
        sys.exit(130)
    except Exception as error:
        if short := shortage(error, stage):
            # In the log alone: it may be a fault of a plug-in's that looks like the machine's.
            traceback.print_exc(file=getattr(sys.stderr, "log", io.StringIO()))
            print(f"{stage}: {short}", file=sys.stderr)
            sys.exit(1)
        if isinstance(error, InputError):
            print(f"{stage}: {error}", file=sys.stderr)
            sys.exit(EXIT_CODE)
        if not failed:
            raise
        traceback.print_exc()
        print(failed, file=sys.stderr)
        sys.exit(1)


def shortage(error: Exception, stage: str) -> str:
    """What the machine lacks, and what to do in `stage`; empty where the error is of another kind.

    Told by the words: HDF5, safetensors and torch each have their own classes for the same errors of the system.
    """
    # Of a file that is moved it is the new place that has no room.
    file = isinstance(error, OSError) and (error.filename2 or error.filename)
    said, where = str(error), f" ({file})" if file else ""
    if isinstance(error, MemoryError) or OUT_OF_MEMORY.search(said):
        parameter = _batch_size(stage, gpu=bool(OF_GPU.search(said)))
        return f"out of memory; a smaller `{parameter}` takes less: {first_line(error)}"
    if isinstance(error, RuntimeError) and DEVICE_FAILED.search(said):
        return (
            "the GPU or its software failed, not what this stage was given; if the GPU's memory was full, a smaller "
            f"`{_batch_size(stage, gpu=True)}` takes less: {first_line(error)}"
        )
    for code, advice in SHORT.items():
        if getattr(error, "errno", None) == code or os.strerror(code) in said:
            return f"{os.strerror(code)}{where}; nothing was written: {advice}, and run the same command again"
    return ""


def _batch_size(stage: str, gpu: bool) -> str:
    """The parameter that decides how much memory a stage takes, of the processor or of the GPU."""
    if stage in ("train", "prune"):
        return "train.batch_size"
    return "runtime.gpu_batch_size" if gpu else "runtime.batch_size"


def say(line: str) -> None:
    """A line, above a bar that may be there."""
    with tqdm.external_write_mode(file=getattr(sys.stderr, "watched", sys.stderr)):
        print(line, file=sys.stderr, flush=True)


class _Lines(tqdm):
    """Progress as lines: a bar in a log would be one line of thousands of carriage returns."""

    def display(self, *_: object, **__: object) -> None:
        if self.n > self.initial:
            self.write_line(str(self))

    write_line: Callable[[str], object]


class Progress:
    """Call it with what is done of how much: a bar on a terminal, and in the log a line now and then and a last one.

    `name` says whose progress it is, `unit` what is counted.
    """

    def __init__(self, name: str, unit: str):
        self.name, self.unit = name, unit
        self._bars: list[tqdm] = []

    def __call__(self, done: int, total: int) -> None:
        """So much of the total is done."""
        self._bars = self._bars or self._open(done - 1, total)
        for bar in self._bars:
            bar.update(done - bar.n)
        if done >= total:
            while self._bars:
                self._bars.pop().close()

    def _open(self, before: int, total: int) -> list[tqdm]:
        # What a resumed job had done before counts as done, but not for the rate.
        about = {"total": total, "initial": before, "desc": self.name, "unit": f" {self.unit}"}
        watched, log = getattr(sys.stderr, "watched", sys.stderr), getattr(sys.stderr, "log", None)
        bars: list[tqdm] = [tqdm(file=watched, leave=False, dynamic_ncols=True, **about)] if watched.isatty() else []
        form = "{desc}: {n_fmt}/{total_fmt}{unit}, {rate_fmt}, {elapsed} so far, {remaining} left"
        lines = _Lines(file=io.StringIO(), mininterval=SECONDS, miniters=1, bar_format=form, **about)
        to = log if bars and log else sys.stderr
        lines.write_line = lambda line: print(line, file=to, flush=True)
        return [*bars, lines]
