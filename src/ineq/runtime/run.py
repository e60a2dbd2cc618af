"""What a stage's `main` gets: its declared parameters, its paths, and somebody to tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ineq.config.options import DRAWS, models_key

if TYPE_CHECKING:
    from ineq.planning.jobs import Job
    from ineq.runtime.console import Progress


class StageParameters(Mapping[str, Any]):
    """The parameters that a stage declares; reading another is an error, not a stale result."""

    def __init__(self, stage: str, values: Mapping[str, Any]):
        self._stage, self._values = stage, dict(values)

    def __getitem__(self, key: str) -> Any:
        try:
            return self._values[key]
        except KeyError:
            raise KeyError(f"stage '{self._stage}' reads '{key}' without declaring it") from None

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

    def __init__(
        self, job: Job, parameters: StageParameters, outputs: Mapping[str, Path], state: Path, key: str
    ) -> None:
        self.job, self.parameters, self.outputs, self.state, self.key = job, parameters, outputs, state, key
        self.inputs: Mapping[str, Any] = job.inputs

    def __getitem__(self, key: str) -> Any:
        return self.parameters[key]

    def section(self, prefix: str) -> dict[str, Any]:
        """The declared leaves below `prefix`, as nested dicts."""
        return self.parameters.section(prefix)

    @property
    def options(self) -> dict[str, Any]:
        """The options of the job's method or attack by their names, among them none that keys random draws."""
        return {key.rsplit(".", 1)[1]: value for key, value in self.job.options.items() if key not in DRAWS}

    @property
    def models(self) -> list[str]:
        """The models that have maps by the job's method."""
        return self[models_key(self.axes["method"])]

    @property
    def draws(self) -> dict[str, Any]:
        """What keys and scales an attack's random draws, where the stage declares it: `seed`, `mean` and `std`."""
        return {key.rsplit(".", 1)[1]: self[key] for key in DRAWS if key in self.parameters}

    @property
    def space(self) -> dict[str, Any]:
        """`mean` and `std` of the study's normalised space, a number a channel."""
        return {"mean": self["data.mean"], "std": self["data.std"]}

    @property
    def cards(self) -> dict[str, dict[str, Any]]:
        """What the stage declares of the card of each of the study's models, in the study's order."""
        return {model: self.section(f"card.{model}") for model in self["models"]}

    @property
    def axes(self) -> Mapping[str, str]:
        """The job's model and method, where it has them."""
        return self.job.axes

    @property
    def batch_size(self) -> int:
        """Images in a forward pass where this job runs."""
        from ineq.device import batch_size

        return batch_size(self["runtime.batch_size"], self["runtime.gpu_batch_size"])

    def say(self, line: str) -> None:
        """A line for the person who watches, and for the log."""
        from ineq.runtime.console import say

        say(f"{self.job.name}: {line}")

    def progress(self, unit: str) -> Progress:
        """To be called with what is done of how much, counted in `unit`."""
        from ineq.runtime.console import Progress

        return Progress(self.job.name, unit)
