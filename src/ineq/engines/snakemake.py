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

from ineq.engines.lock import alone
from ineq.engines.snakemake_insides import failed_jobs, is_dry_run, only_looks, show_reasons
from ineq.errors import EXIT_CODE, InputError
from ineq.io.text import digest
from ineq.planning.jobs import Job
from ineq.provenance.records import causes
from ineq.provenance.stale import ASIDE, move_aside, stale_jobs

MARKS = Path(".ineq/stale")


def without_digest(command: str) -> str:
    """A job's command without what only Snakemake adds: as it is run by DVC, or by hand."""
    return command.partition(" --planned ")[0]


class Bookkeeper:
    """Answers Snakemake's questions about jobs while it plans.

    Snakemake remembers what *it* ran, not what DVC ran since. So the first question makes this look at every record
    once and move artefacts that are not the wanted ones aside; Snakemake then sees a missing file. This happens at
    planning, not while the Snakefile is read, because only then does Snakemake know whether it is a dry run: a dry run
    moves nothing, and the job gets a mark as one more input, newer than its outputs, so that it is planned anyway.
    """

    def __init__(self, found: list[Job], workflow: Any):
        self.jobs, self.workflow = found, workflow

    def params(self, job: Job) -> dict[str, Any]:
        """The code digest and parameters of a job, with the digest of those that the job itself compares."""
        _, cause = self._causes[job.name]
        return {"code": digest(cause["code"]), "planned": job.parameters_digest, **cause["parameters"]}

    def marks(self, job: Job) -> list[str]:
        """No file; under a dry run one, if the job's artefacts are there but not the wanted ones."""
        if is_dry_run(self.workflow):
            # The profile leaves reasons out, which can be hundreds of files; who asks for a dry run wants just them.
            show_reasons(self.workflow)
        if job.name not in self._stale_in_place:
            return []
        mark = MARKS / job.name.replace(" ", "/")
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.write_text(self._stale_in_place[job.name] + "\n")
        return [str(mark)]

    def end_when_told(self) -> None:
        """End at SIGTERM also while jobs are selected: for the lock held then, Snakemake's own handler waits for ever.

        The handler runs in the thread that holds the lock, so it waits in one of its own until that lets go.
        """
        end = signal.getsignal(signal.SIGTERM)
        if callable(end):
            signal.signal(signal.SIGTERM, lambda *given: Thread(target=end, args=given, daemon=True).start())

    def tell_failures(self) -> None:
        """Name each failed job and its log as the very last lines; Snakemake itself still has things to say."""
        failed = [(without_digest(command), log) for command, log in failed_jobs(self.workflow)]
        # A script that can't even be imported has no log.
        lines = [f"failed: {command}: see {log if log.exists() else 'above'}" for command, log in failed]
        atexit.register(print, "\n".join(lines), file=sys.stderr)

    def _alone(self) -> None:
        """Take the checkout for as long as this process lives."""
        try:
            self.lock = alone()
        except InputError as error:
            print(error, file=sys.stderr, flush=True)
            # Nothing has begun; Snakemake would make a traceback of an exception in here.
            os._exit(EXIT_CODE)

    @cached_property
    def _causes(self) -> dict[str, tuple[Job, dict[str, Any]]]:
        return {job.name: (job, cause) for job, cause in causes(self.jobs)}

    @cached_property
    def _stale_in_place(self) -> dict[str, str]:
        """Reasons by job name; nothing runs, so nothing is looked at, under --touch, --dag, --lint and their like."""
        if only_looks(self.workflow):
            return {}
        if is_dry_run(self.workflow):
            return {name: reason for name, (_, reason) in stale_jobs(self._causes.values()).items()}
        self._alone()
        for name, (job, reason) in stale_jobs(self._causes.values()).items():
            print(f"stale: {name}: {reason}; moved to {ASIDE}/", file=sys.stderr)
            move_aside(job)
        return {}
