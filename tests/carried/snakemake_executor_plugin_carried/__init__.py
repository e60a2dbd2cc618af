"""An executor of Snakemake without a shared disk, on one machine: it brings a job its inputs and takes what it made.

As executors for other computers do that transfer files themselves. Each job has a folder of its own, in which of
`results/` there is only what its rule names.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor
from snakemake_interface_executor_plugins.settings import CommonSettings

common_settings = CommonSettings(
    non_local_exec=True,
    implies_no_shared_fs=True,
    job_deploy_sources=False,
    pass_default_storage_provider_args=False,
    auto_deploy_default_storage_provider=False,
    can_transfer_local_files=True,
)
PLACES = Path(os.environ.get("CARRIED_TO", "carried"))
"""Where the folders of jobs are."""


class Executor(RemoteExecutor):
    """Runs each job as a process in a folder of its own."""

    def run_job(self, job: Any) -> None:
        """Bring what the job needs, and start it there."""
        folder = PLACES / str(job.jobid)
        ignored = shutil.ignore_patterns("results", ".*", "docs", "dvc.lock")
        shutil.copytree(Path.cwd(), folder, symlinks=True, ignore=ignored)
        for name in map(str, job.input):
            if name.startswith("results/"):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                os.link(name, folder / name)
        with (folder / "said.txt").open("wb") as said:
            process = subprocess.Popen(
                self.format_job_exec(job), shell=True, cwd=folder, stdout=said, stderr=subprocess.STDOUT
            )
        self.report_job_submission(SubmittedJobInfo(job, str(job.jobid), {"process": process, "folder": folder}))

    async def check_active_jobs(self, active_jobs: list[SubmittedJobInfo]) -> AsyncGenerator[SubmittedJobInfo, None]:
        """Take back what jobs that have ended made; the others are still active."""
        for one in active_jobs:
            assert one.aux is not None
            process, folder = one.aux["process"], one.aux["folder"]
            if process.poll() is None:
                yield one
            elif process.returncode:
                self.report_job_error(one, msg=(folder / "said.txt").read_text()[-2000:])
            else:
                for name in map(str, one.job.output):
                    Path(name).parent.mkdir(parents=True, exist_ok=True)
                    shutil.move(folder / name, name)
                self.report_job_success(one)

    def cancel_jobs(self, active_jobs: list[SubmittedJobInfo]) -> None:
        """End them."""
        for one in active_jobs:
            assert one.aux is not None
            one.aux["process"].terminate()
