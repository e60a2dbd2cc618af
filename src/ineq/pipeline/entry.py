"""What a stage's script imports: where it begins, in a warm process if there is one, and what it gets.

Light: what takes time to import is imported where it is used, since the client of a warm process imports this too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ineq.extras import workflow_of
from ineq.pipeline.warm import hand_over

if TYPE_CHECKING:
    from ineq.pipeline.console import Progress
    from ineq.pipeline.jobs import Job


def run_stage(stage: str, main: Callable[[Run], None]) -> None:
    """Run a stage script: parse its arguments, run `main`, move the results into place; exit code 2 on bad input."""
    hand_over()
    with workflow_of(stage):
        from ineq.pipeline.runner import run

    run(stage, main)


class Declared(Mapping[str, Any]):
    """The parameters that a stage declares in the registry; reading another is an error, not a stale result."""

    def __init__(self, stage: str, values: Mapping[str, Any]):
        self._stage, self._values = stage, dict(values)

    def __getitem__(self, key: str) -> Any:
        try:
            return self._values[key]
        except KeyError:
            raise KeyError(f"stage '{self._stage}' reads '{key}' without declaring it in the registry") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def section(self, prefix: str) -> dict[str, Any]:
        """The declared leaves below `prefix`, as nested dicts."""
        tree: dict[str, Any] = {}
        for key, value in self._values.items():
            if key.startswith(f"{prefix}."):
                *path, last = key.removeprefix(f"{prefix}.").split(".")
                branch = tree
                for part in path:
                    branch = branch.setdefault(part, {})
                branch[last] = value
        return tree


class Run:
    """What a stage's `main` gets. `inputs` are paths (a dict of paths for a fan-in), `outputs` are temporary paths.

    `state` is where a stage may keep what it needs to go on after a kill; it belongs to exactly this cause (`key`).
    """

    def __init__(self, job: Job, parameters: Declared, outputs: Mapping[str, Path], state: Path, key: str) -> None:
        self.job, self.parameters, self.outputs, self.state, self.key = job, parameters, outputs, state, key
        self.inputs: Mapping[str, Any] = job.inputs

    def __getitem__(self, key: str) -> Any:
        return self.parameters[key]

    @property
    def axes(self) -> Mapping[str, str]:
        """The job's model and method, where it has them."""
        return self.job.axes

    @property
    def batch_size(self) -> int:
        """Images in a forward pass where this job runs: a GPU may have its own number."""
        from ineq.device import device

        gpu = self["runtime.gpu_batch_size"] if device().type == "cuda" else None
        return gpu or self["runtime.batch_size"]

    def say(self, line: str) -> None:
        """A line for the person who watches, and for the log."""
        from ineq.pipeline.console import say

        say(f"{self.job.name}: {line}")

    def progress(self, unit: str) -> Progress:
        """To be called with what is done of how much, counted in `unit`."""
        from ineq.pipeline.console import Progress

        return Progress(self.job.name, unit)
