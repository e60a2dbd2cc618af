"""What the Snakefile knows about records: the parameters of a job, and artefacts that must not pass for results."""

from __future__ import annotations

import atexit
import sys
from functools import cached_property
from pathlib import Path
from typing import Any

from ineq.config.study import Study
from ineq.pipeline.code import code_digest, describe_stage
from ineq.pipeline.registry import Job
from ineq.pipeline.stale import ASIDE, move_aside, stale_jobs


class Bookkeeper:
    """Answers Snakemake's questions about jobs while it plans.

    Snakemake remembers what *it* ran, not what DVC ran since. So `check` looks at every record once and moves artefacts
    that are not the wanted ones aside; Snakemake then sees a missing file. This happens at planning, not while the
    Snakefile is read, because only then does Snakemake know whether it is a dry run: a dry run moves nothing, and the
    job's parameters carry a mark that makes Snakemake plan it.
    """

    def __init__(self, study: Study, workflow: Any):
        self.study, self.workflow = study, workflow
        self.codes: dict[str, str] = {}

    def check(self) -> None:
        """Look at all records, once; before Snakemake looks at any file."""
        _ = self._marks

    def params(self, job: Job) -> dict[str, Any]:
        """The code digest and parameters of a job."""
        stage = job.stage.name
        if stage not in self.codes:
            self.codes[stage] = code_digest(describe_stage(stage, job.study.root))
        mark = {"stale": self._marks[job.name]} if job.name in self._marks else {}
        return {"code": self.codes[stage], **job.parameters, **mark}

    def tell_failures(self) -> None:
        """Name each failed job and its log as the very last lines; Snakemake itself still has things to say."""
        failed = sorted((job.shellcmd, Path(str(job.log[0]))) for job in self.workflow.scheduler.failed)
        # A script that can't even be imported has no log.
        lines = [f"failed: {command}: see {log if log.exists() else 'above'}" for command, log in failed]
        atexit.register(print, "\n".join(lines), file=sys.stderr)

    @cached_property
    def _marks(self) -> dict[str, str]:
        """Reasons by job name for those that are stale and still in place."""
        if not self.workflow.is_main_process:
            return {}
        stale = stale_jobs(self.study)
        if not self._executes:
            return {name: reason for name, (_, reason) in stale.items()}
        for name, (job, reason) in stale.items():
            print(f"stale: {name}: {reason}; moved to {ASIDE}/", file=sys.stderr)
            move_aside(job)
        return {}

    @property
    def _executes(self) -> bool:
        """Whether jobs will really run: not under --dry-run, --touch, --dag, --lint and their like."""
        return bool(self.workflow.executor_plugin) and not self.workflow.dryrun and not self.workflow.touch
