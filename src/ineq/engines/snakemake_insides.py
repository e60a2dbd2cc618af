"""What Snakemake has no public interface for: all of it that this project touches, as it is in the version pinned."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from snakemake.settings.enums import Quietness


def shared(workflow: Any, resource: str, default: int) -> int:
    """How much of a resource jobs share: what the command line or a profile says, else `default`, from now on."""
    workflow.global_resources.setdefault(resource, default)
    return workflow.global_resources[resource].value


def is_dry_run(workflow: Any) -> bool:
    """Whether nothing runs, and jobs are only named."""
    return bool(workflow.dryrun)


def is_job(workflow: Any) -> bool:
    """Whether this process plans one job anew, to run it where an executor such as Slurm's has sent it."""
    return not workflow.is_main_process


def only_looks(workflow: Any) -> bool:
    """Whether it neither runs nor plans jobs: under --touch, --dag, --lint and their like, and in a job's process."""
    return is_job(workflow) or workflow.executor_plugin is None or workflow.touch


def show_reasons(workflow: Any) -> None:
    """Name why each job runs, though a profile leaves that out."""
    (workflow.output_settings.quiet or set()).discard(Quietness.REASON)


def failed_jobs(workflow: Any) -> list[tuple[str, Path]]:
    """Command and log of each job that has failed."""
    return sorted((job.shellcmd, Path(str(job.log[0]))) for job in workflow.scheduler.failed)


@contextmanager
def planned_jobs(root: Path) -> Iterator[list[Any]]:
    """Every job that `snakemake --forceall --resources gpu=1 all` would run in a checkout, as Snakemake's objects."""
    from snakemake.api import SnakemakeApi
    from snakemake.settings.types import ConfigSettings, DAGSettings, OutputSettings, ResourceSettings, WorkflowSettings

    with SnakemakeApi(OutputSettings(quiet={Quietness.ALL})) as api:
        workflow = api.workflow(
            resource_settings=ResourceSettings(cores=1, resources={"gpu": 1}),
            config_settings=ConfigSettings(),
            workflow_settings=WorkflowSettings(),
            workdir=root.resolve(),
            snakefile=(root / "Snakefile").resolve(),
        )
        inner: Any = workflow.dag(DAGSettings(targets={"all"}, forceall=True)).workflow_api._workflow
        inner._prepare_dag(forceall=True, ignore_incomplete=True, lock_warn_only=True)
        inner._build_dag()
        yield list(inner.dag.jobs)
