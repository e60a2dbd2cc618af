"""Snakemake at work in an audit's folder, with one bar for all its jobs."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from tqdm import tqdm

from ineq.errors import InputError
from ineq.models.foreign_networks import ALLOWED
from ineq.models.user_modules import FOLDER, in_one_variable

STEPS = re.compile(r"^(\d+) of (\d+) steps")
TOLD = 10
"""Last lines of what the engine said, where it failed."""


class Terminated(BaseException):
    """SIGTERM has come; no error, as Ctrl-C is none."""


@contextmanager
def ending_at_sigterm() -> Iterator[None]:
    """Inside, SIGTERM ends what runs, as Ctrl-C does, and then this process, with exit code 143."""

    def end(*_: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one would cut short what the first one ends
        raise Terminated

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    except Terminated:
        print("ineq: ended by SIGTERM; the same command continues where it was", file=sys.stderr)
        sys.exit(128 + signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def allowing(modules: Sequence[str], folders: Sequence[Path] = (Path("."),)) -> Iterator[None]:
    """Inside, functions of these modules may be called, here and in jobs, and are found in these folders first."""
    if not modules:
        yield
        return
    old = {name: os.environ.get(name) for name in (ALLOWED, FOLDER)}
    os.environ[ALLOWED] = ":".join(filter(None, [*modules, old[ALLOWED]]))
    os.environ[FOLDER] = in_one_variable(folders)
    try:
        yield
    finally:
        for name, value in old.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def run(folder: Path, targets: Sequence[str], what: str, cores: int, logs_stay: bool = True) -> None:
    """Make `targets`, what they need and nothing else. Raises `InputError` with the last lines of what failed.

    It names the logs, too, unless the folder goes with them.
    """
    command = [str(Path(sys.executable).with_name("snakemake")), "--cores", str(cores), *targets]
    said: list[str] = []
    with subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as engine:
        assert engine.stdout is not None
        try:
            _show(engine.stdout, said, what)
        except KeyboardInterrupt:
            engine.wait()  # it has had the same Ctrl-C, and ends its jobs
            raise
        except Terminated:
            _end(engine)
            raise
    if engine.returncode:
        raise InputError("\n".join([f"the audit stopped while it was to {what}:", *_reasons(folder, said, logs_stay)]))


def _end(engine: subprocess.Popen[str]) -> None:
    """End an engine with all its jobs: told alone, it would let them come to their end first."""

    def runs(process: psutil.Process) -> bool:
        with suppress(psutil.NoSuchProcess):
            return process.status() != psutil.STATUS_ZOMBIE
        return False

    first, known = psutil.Process(engine.pid), set[psutil.Process]()
    while engine.poll() is None or any(map(runs, known)):
        with suppress(psutil.NoSuchProcess):
            known |= {first, *first.children(recursive=True)}
        for process in known:
            with suppress(psutil.NoSuchProcess):
                process.terminate()
        time.sleep(0.2)


def _reasons(folder: Path, said: Sequence[str], logs_stay: bool) -> list[str]:
    """The last line of each failed job's log, or of the engine where it names none."""
    logs = [folder / match[1] for line in said if (match := re.match(r"failed: .*: see (results/\S+)$", line))]
    lines = [line for log in logs if log.is_file() for line in log.read_text(encoding="utf-8").splitlines()[-1:]]
    return [*lines, *(f"see {log}" for log in logs if logs_stay)] or list(said[-TOLD:])


def _show(lines: object, said: list[str], what: str) -> None:
    with tqdm(total=None, desc=what, unit="job", file=sys.stderr, leave=True) as bar:
        for line in lines:  # type: ignore[attr-defined]
            said.append(line.rstrip())
            if match := STEPS.match(line):
                bar.total = int(match[2])
                bar.update(int(match[1]) - bar.n)
