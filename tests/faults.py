"""Faults for real: engines and their jobs killed while they work, two runs at once, spoilt files."""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
from project import Project

SLUG = "attack-standard-integrated_gradients-occlusion"
FOLDER = "results/tiny/attack/standard/integrated_gradients/occlusion"
ONE_JOB = {
    "snakemake": ("snakemake", "--cores", "8", f"{FOLDER}/outcome.h5"),
    "dvc": ("dvc", "repro", "--single-item", "attack-integrated_gradients-occlusion@tiny-standard"),
}
"""What runs that job, and after `CHANGE` in a finished project no other."""
STAGE = ("python", "workflow/scripts/attack.py", "--model", "standard")
STAGE += ("--method", "integrated_gradients", "--attack", "occlusion")
CHANGE = {"attack.radius": 3, "attack.count": 16}
REFUSED = "is at work in this checkout|Unable to acquire lock|is busy, it is being blocked"

CUT_OFF = {
    "Unable to read RWLock-file": "rm .dvc/tmp/rwlock",
    r"dvc\.lock' (is invalid|validation failed)|unexpected error": "git checkout dvc.lock",
}
"""What DVC says when a kill cut a file that it was writing, and the one command that docs/when-it-fails.md gives."""


def healed(project: Project, said: str) -> bool:
    """Whether DVC says that a kill cut its files; then the page's command is run."""
    command = next((command for words, command in CUT_OFF.items() if re.search(words, said)), "")
    if command:
        project.run(*command.split())
    return bool(command)


def made(project: Project) -> dict[str, bytes]:
    """The job's artefacts."""
    return {path.name: path.read_bytes() for path in (project.root / FOLDER).iterdir()}


def undisturbed_run(finished: Project, folder: Path) -> dict[str, bytes]:
    """What the job makes after the change."""
    project = finished.copy(folder / "project")
    project.change(CHANGE)
    project.run(*STAGE)
    return made(project)


@dataclass
class Started:
    """An engine at work in a project, in a session of its own; what it and its jobs say is in `said`."""

    project: Project
    process: subprocess.Popen[bytes]
    said: Path

    def jobs(self) -> list[psutil.Process]:
        """The stages that run in the project now, its orphans among them."""
        found = []
        for one in psutil.process_iter(["cmdline", "cwd"]):
            words = one.info["cmdline"] or [""]
            if any(word.startswith("workflow/scripts/") for word in words) and one.info["cwd"] == str(
                self.project.root
            ):
                found.append(one)
        return found

    def kill(self, who: str) -> None:
        """Kill as `KILLS` says."""
        KILLS[who](self)

    def ended(self) -> int:
        """Wait for it and for every job of it; its exit status."""
        status = self.process.wait(600)
        gone, alive = psutil.wait_procs(self.jobs(), 600)
        assert not alive, gone
        return status


def start(project: Project, *command: str) -> Started:
    """Start a command; Ctrl-C reaches it also where this process ignores it, as a background job does."""
    said = project.root.with_name(f"{project.root.name}-{time.time_ns()}.txt")
    with said.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=project.root,
            env=project.environment(),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
    return Started(project, process, said)


def wait_until(true: Callable[[], bool], seconds: float = 120) -> None:
    """Look often, so as not to miss what lasts a second."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.01)


def _kill_jobs(started: Started) -> None:
    for job in started.jobs():
        with contextlib.suppress(psutil.NoSuchProcess):
            job.kill()


def _kill_session(number: signal.Signals) -> Callable[[Started], None]:
    def kill(started: Started) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(started.process.pid, number)

    return kill


KILLS: dict[str, Callable[[Started], None]] = {
    "job": _kill_jobs,
    "engine": lambda started: started.process.kill(),
    "everything": _kill_session(signal.SIGKILL),
    "Ctrl-C": _kill_session(signal.SIGINT),
    "terminated": lambda started: started.process.terminate(),
}


def flip(path: Path, draws: random.Random) -> None:
    """Turn one bit of a file."""
    content = bytearray(path.read_bytes())
    content[draws.randrange(len(content))] ^= 1 << draws.randrange(8)
    path.write_bytes(content)


def cut(path: Path, draws: random.Random) -> None:
    """Lose the end of a file."""
    content = path.read_bytes()
    path.write_bytes(content[: draws.randrange(len(content))])
