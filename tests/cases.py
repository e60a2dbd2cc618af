"""Property-based tests of bad input: how many cases there are, and what each of them has to end with.

`make test` tries 500 cases, the same ones every time; `make torture` tries 10,000 others, and prints the seed.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, configuration, settings

from ineq.errors import EXIT_CODE, InputError

TORTURE = "INEQ_TORTURE" in os.environ
TOTAL = int(os.environ.get("INEQ_TORTURE", 500))
SECONDS = 60
"""One case; most take less than a tenth of a second, the first that needs torch some on a busy machine."""
MEMORY = 3 * 2**30
"""Bytes that a case may take on top of what is taken already."""
tried: dict[str, int] = {}
"""Cases tried by each test in this process."""

# What Hypothesis keeps would lie in the project that a case runs in.
configuration.set_hypothesis_home_dir(Path(__file__).resolve().parents[1] / ".hypothesis")


def cases(share: int) -> Callable[[Any], Any]:
    """A test's settings: so many of 100 cases, derandomised but under torture."""
    chosen = settings(
        max_examples=TOTAL * share // 100,
        derandomize=not TORTURE,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),  # pyright: ignore[reportArgumentType]
        # Explaining a failure follows every line that runs, which takes longer than all the rest.
        phases=[phase for phase in Phase if phase is not Phase.explain],
    )

    def decorate(test: Any) -> Any:
        return pytest.mark.torture(chosen(test)) if TORTURE else chosen(test)

    return decorate


class Hang(BaseException):
    """No `except Exception` takes it for bad input."""


def refused(action: Callable[[], object], where: Path) -> str:
    """Do something in the folder `where`: the sentence that it is refused with, or nothing where it succeeds.

    Fails for any other exception or exit code, a traceback, a hang, and a file that a refusal leaves behind.
    """
    name = os.environ.get("PYTEST_CURRENT_TEST", "").split("::")[-1].split(" ")[0].split("[")[0]
    tried[name] = tried.get(name, 0) + 1
    before = listing(where)
    said, printed = StringIO(), StringIO()
    with _limits(), contextlib.chdir(where), contextlib.redirect_stderr(said), contextlib.redirect_stdout(printed):
        try:
            action()
            return ""
        except InputError as error:
            print(error, file=said)
        except SystemExit as end:
            if not end.code:
                return ""
            assert end.code == EXIT_CODE, f"exit code {end.code}: {said.getvalue()}"
    # A command without a word prints its help.
    sentence = said.getvalue().strip() or printed.getvalue().strip()
    assert sentence and "Traceback" not in sentence
    assert len(sentence) < 20_000, "more than anybody reads"
    assert listing(where) == before, "a refusal leaves something behind"
    return sentence


def listing(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file in a folder with its size and date, but for logs, and what is remembered of files: no results."""
    found = {}
    for path in folder.rglob("*"):
        name = str(path.relative_to(folder))
        if not path.is_dir() and "/.runs/" not in name and not name.startswith((".ineq/hashes", ".ineq/code")):
            stat = path.lstat()
            found[name] = (stat.st_size, stat.st_mtime_ns)
    return found


@contextlib.contextmanager
def _limits() -> Iterator[None]:
    """Neither time without end nor all memory of the machine."""

    def hang(*_: object) -> None:
        raise Hang(f"more than {SECONDS} seconds")

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    previous = signal.signal(signal.SIGALRM, hang)
    resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, hard))
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
        signal.signal(signal.SIGALRM, previous)


def command_line(main: Callable[[], object], *arguments: str) -> Callable[[], object]:
    """What runs a command as a shell would, in this process."""

    def run() -> None:
        before = sys.argv
        sys.argv = list(arguments)
        try:
            main()
        finally:
            sys.argv = before

    return run
