"""What the Snakefile knows about records: the parameters of a job, and artefacts that must not pass for results."""

from __future__ import annotations

import atexit
import os
import signal
import sys
from functools import cached_property
from pathlib import Path
from threading import Thread
from typing import Any

from ineq.config.activate import notices
from ineq.engines.lock import checkout_lock
from ineq.engines.snakemake_insides import failed_jobs, is_dry_run, is_job, only_looks, show_reasons
from ineq.errors import EXIT_CODE, InputError
from ineq.io.text import digest
from ineq.planning.jobs import Job
from ineq.provenance.file_hashes import CACHES, Hashes, digests, read_json, save_json
from ineq.provenance.records import causes
from ineq.provenance.stale import ASIDE, move_aside, stale_jobs
from ineq.runtime.console import shortage

MARKERS = CACHES / "stale"
PLANNED = CACHES / "planned.json"
"""Digests of parameters by job, as the run that is at work has planned them."""


def without_digest(command: str) -> str:
    """A job's command without what only Snakemake adds: as it is run by DVC, or by hand."""
    return command.partition(" --planned ")[0]


def this_python_first() -> None:
    """Have jobs run this environment's Python, also where an editor or cron calls Snakemake by its path."""
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"


def _says_something(log: Path) -> bool:
    return log.exists() and log.stat().st_size > 0


class StaleOutputs:
    """Finds stale results while Snakemake plans, moves them away, and answers its questions about jobs.

    Snakemake remembers what *it* ran, not what DVC ran since. So the first question makes this look at every record
    once and move artefacts that are not the wanted ones aside; Snakemake then sees a missing file. This happens at
    planning, not while the Snakefile is read, because only then does Snakemake know whether it is a dry run: a dry run
    moves nothing, and the job gets a marker as one more input, newer than its outputs, so that it is planned anyway.
    """

    def __init__(self, jobs: list[Job], workflow: Any):
        self.jobs, self.workflow = jobs, workflow

    def params(self, job: Job) -> dict[str, Any]:
        """The code digest and parameters of a job, with the digest of those that the job itself compares.

        And that of files that no job makes: a job whose artefacts were moved away for another of these would else not
        run for somebody who asks for a later job's file only, since that file is there.
        """
        _, cause = self._causes[job.name]
        planned = self._planned_before.get(job.name, job.parameters_digest)
        sources = digest(digests(job.source_paths, self._hashes)) if job.source_paths else ""
        return {"code": digest(cause["code"]), "planned": planned, "sources": sources, **cause["parameters"]}

    def rerun_markers(self, job: Job) -> list[str]:
        """No file; under a dry run one, if the job's artefacts are there but not the wanted ones."""
        if is_dry_run(self.workflow):
            # The profile leaves reasons out, which can be hundreds of files; who asks for a dry run wants just them.
            show_reasons(self.workflow)
        if job.name not in self._stale_in_place:
            return []
        marker = MARKERS / job.name.replace(" ", "/")
        marker.parent.mkdir(parents=True, exist_ok=True)
        marker.write_text(self._stale_in_place[job.name] + "\n")
        return [str(marker)]

    def end_at_sigterm(self) -> None:
        """End at SIGTERM also while jobs are selected: for the lock held then, Snakemake's own handler waits for ever.

        The handler runs in the thread that holds the lock, so it waits in one of its own until that lets go.
        """
        end = signal.getsignal(signal.SIGTERM)
        if callable(end):
            signal.signal(signal.SIGTERM, lambda *received: Thread(target=end, args=received, daemon=True).start())

    def tell_failures(self) -> None:
        """Name each failed job and its log as the very last lines; Snakemake itself still has things to say."""
        failed = [(without_digest(command), log) for command, log in failed_jobs(self.workflow)]
        # A script that can't even be imported has nothing in its log.
        lines = [f"failed: {command}: see {log if _says_something(log) else 'above'}" for command, log in failed]
        atexit.register(print, "\n".join(lines), file=sys.stderr)

    def _take_checkout(self) -> None:
        """Take the checkout for as long as this process lives, and move away what is stale in it."""
        try:
            self.lock = checkout_lock()
            save_json(PLANNED, {job.name: job.parameters_digest for job in self.jobs})
            for name, (job, reason) in stale_jobs(self._causes.values()).items():
                print(f"stale: {name}: {reason}; moved to {ASIDE}/", file=sys.stderr)
                move_aside(job)
        except (InputError, OSError) as error:
            print(shortage(error, "snakemake") or error, file=sys.stderr, flush=True)
            # Nothing has begun; Snakemake would make a traceback of an exception in here.
            os._exit(EXIT_CODE)

    @cached_property
    def _hashes(self) -> Hashes:
        return Hashes()

    @cached_property
    def _causes(self) -> dict[str, tuple[Job, dict[str, Any]]]:
        return {job.name: (job, cause) for job, cause in causes(self.jobs)}

    @cached_property
    def _planned_before(self) -> dict[str, str]:
        """On a compute node, which plans when its job starts, what the run planned; nothing without a shared disk."""
        return read_json(PLANNED) if is_job(self.workflow) else {}

    @cached_property
    def _stale_in_place(self) -> dict[str, str]:
        """Reasons by job name; nothing runs, so nothing is looked at, under --touch, --dag, --lint and their like."""
        if only_looks(self.workflow):
            return {}
        for sentence in notices():
            print(sentence, file=sys.stderr)
        if is_dry_run(self.workflow):
            return {name: reason for name, (_, reason) in stale_jobs(self._causes.values()).items()}
        self._take_checkout()
        return {}
