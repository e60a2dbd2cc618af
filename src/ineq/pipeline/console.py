"""What a stage says: to whoever watches, and into its log, `results/<study>/.runs/<job>.log`.

The stage writes the log itself: no engine has to redirect it, so the command is the same under both, and alone.
"""

from __future__ import annotations

import contextlib
import io
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from tqdm import tqdm

from ineq.errors import EXIT_CODE, InputError

SECONDS = 10
"""Between two lines of progress in a log."""

# Without it tqdm starts a thread that looks after slow bars.
tqdm.monitor_interval = 0


class _Both(io.TextIOBase):
    """The terminal, or whatever an engine reads, and the log."""

    def __init__(self, watched: TextIO, log: TextIO):
        self.watched, self.log = watched, log

    def write(self, text: str) -> int:
        self.log.write(text)
        return self.watched.write(text)

    def flush(self) -> None:
        self.log.flush()
        self.watched.flush()

    def isatty(self) -> bool:
        return self.watched.isatty()


@contextlib.contextmanager
def logged(path: Path) -> Iterator[None]:
    """Inside, what goes to stderr also goes to a new log; line by line, so that a kill leaves what was said."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    watched = sys.stderr
    with path.open("w", buffering=1, encoding="utf-8") as log:
        sys.stderr = _Both(watched, log)
        try:
            yield
        finally:
            sys.stderr = watched


@contextlib.contextmanager
def told(stage: str, failed: str = "") -> Iterator[None]:
    """Turn what goes wrong inside into words and an exit code: 2 and one sentence for bad input, 130 for Ctrl-C.

    The unexpected is a traceback and, as the last line, `failed`; without `failed` it is left to Python.
    """
    try:
        yield
    except InputError as error:
        print(f"{stage}: {error}", file=sys.stderr)
        sys.exit(EXIT_CODE)
    except KeyboardInterrupt:
        print(f"{stage}: interrupted; nothing was written", file=sys.stderr)
        sys.exit(130)
    except Exception:
        if not failed:
            raise
        traceback.print_exc()
        print(failed, file=sys.stderr)
        sys.exit(1)


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
