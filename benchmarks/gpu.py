"""`make gpu`: is a GPU right, and how fast is it? Unit tests there, `digits` and an audit beside the CPU's, and times.

`python benchmarks/gpu.py` also runs in an environment that somebody else made: it needs this project's libraries but no
engine, since it calls the stages' own commands. `--quick` is for a rehearsal, on a pretended GPU for one: it takes
fewer images and leaves the unit tests out. What was found is printed as Markdown, and written to the file of `--to`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

from by_hand import run_by_hand  # noqa: E402
from every_cpu import EVERY_CPU  # noqa: E402
from gpu_times import times  # noqa: E402

from ineq.config.study import load_study  # noqa: E402
from ineq.cores import cores  # noqa: E402
from ineq.device import hardware  # noqa: E402
from ineq.io.tables import read_table  # noqa: E402
from ineq.planning.jobs import Job, jobs  # noqa: E402

PARTS = ("src", "workflow", "models", "data", "studies", "params.yaml", "Snakefile", "profiles")
"""What a project is made of."""
SHARED = ("data", "train", "prune", "import", "sample")
"""Stages whose results both sides share: two trainings are two models, and another sample is other images."""
ON_CPU = {"CUDA_VISIBLE_DEVICES": ""}
ON_GPU = {"INEQ_JOBS_PER_GPU": "4"}
WORKERS = min(16, cores())
PATIENCE = 240
"""Seconds that the unit tests may take."""


@dataclass(frozen=True)
class Check:
    """A difference between GPU and CPU, and how large it may be."""

    what: str
    found: float
    allowed: float

    @property
    def line(self) -> str:
        """A row of the table."""
        return f"| {self.what} | {self.found:.3g} | {self.allowed:g} | {'yes' if self.right else '**no**'} |"

    @property
    def right(self) -> bool:
        """Whether it is small enough; NaN is not."""
        return self.found <= self.allowed


def main() -> None:
    """Check, time, and end with 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a rehearsal: fewer images, no unit tests")
    parser.add_argument("--to", type=Path, help="a Markdown file for what was found")
    options = parser.parse_args()
    if not torch.cuda.is_available():
        print("torch sees no GPU here: wanted a machine with one, and a torch that is built for it", file=sys.stderr)
        sys.exit(2)
    began, text = time.monotonic(), "\n".join(_about())
    with tempfile.TemporaryDirectory() as name:
        for title, part in _parts(Path(name), options.quick).items():
            try:
                lines = part()
            except Exception:
                lines = ["**no**: it ended with an error", "", "```", *traceback.format_exc().splitlines(), "```"]
            # Told at once: whoever has the machine for minutes only keeps what was measured.
            found = "\n".join(["", f"## {title}", "", *lines, "", f"After {time.monotonic() - began:.0f} s.", ""])
            print(found, flush=True)
            text += found
            if options.to:
                options.to.write_text(text, encoding="utf-8")
    sys.exit(1 if "**no**" in text else 0)


def _about() -> list[str]:
    facts = {"torch": torch.__version__, **hardware()}
    facts.pop("peak_gpu_memory_gb")
    return ["# On a GPU", "", ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in facts.items()), ""]


def _parts(folder: Path, quick: bool) -> dict[str, Callable[[], list[str]]]:
    """What is done, by title; what may take longest comes last."""
    parts: dict[str, Callable[[], list[str]]] = {
        "Times": lambda: times(quick),
        "digits, beside the CPU": lambda: _table(_digits(folder)),
        "An audit of linf-4, beside the CPU": lambda: _table(_audit(folder)),
    }
    return parts if quick else {**parts, "Unit tests": _unit_tests}


def _table(checks: list[Check]) -> list[str]:
    head = ["| what | difference | allowed | right |", "| --- | ---: | ---: | --- |"]
    return [*head, *(check.line for check in checks)]


def _unit_tests() -> list[str]:
    """The tests of what computes, where `cuda` is the device of every stage."""
    files = [str(ROOT / "tests" / name) for name in EVERY_CPU if "pretended" not in name]
    workers = ["-n", str(min(8, cores()))]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *workers, *files]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return [f"**no**: they took more than {PATIENCE} s"]
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    closing = (done.stdout.splitlines() or done.stderr.splitlines() or ["nothing was said"])[-1]
    return [f"{'yes' if done.returncode == 0 else '**no**'}: {closing.strip('= ')}", *failed[:40]]


def _project(folder: Path) -> Path:
    """A copy of this checkout."""
    folder.mkdir(parents=True)
    for part in PARTS:
        source = ROOT / part
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, folder / part)
    return folder


def _digits(folder: Path) -> list[Check]:
    """The default study on both, with the CPU's models; and one model trained on the GPU, too."""
    cpu, gpu, trained = (_project(folder / name) for name in ("cpu", "gpu", "trained"))
    run_by_hand(cpu, WORKERS, ON_CPU)
    found = jobs(load_study(cpu))
    for one in found:
        if one.stage.name in SHARED:
            _copy(cpu, gpu, one)
        if one.stage.name == "data":
            _copy(cpu, trained, one)
    run_by_hand(gpu, WORKERS, ON_GPU)
    (first,) = [one for one in found if one.name == "train linf-0.3"]
    run_by_hand(trained, 1, ON_GPU, only=[str(first.record)])
    log = [read_table(root / first.outputs["log"], "train") for root in (cpu, trained)]
    last = [table["test_accuracy"].iloc[-1] for table in log]
    return [*_compared(cpu, gpu, found), Check("accuracy of a model trained on both", abs(last[0] - last[1]), 0.03)]


def _copy(source: Path, target: Path, one: Job) -> None:
    for path in one.outputs.values():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source / path, target / path)


def _compared(cpu: Path, gpu: Path, found: list[Job]) -> list[Check]:
    """The largest difference of each kind."""
    stages = {name: [one for one in found if one.stage.name == name] for name in {one.stage.name for one in found}}

    def most(stage: str, output: str, difference: str, allowed: float, what: str) -> Check:
        measure = DIFFERENCES[difference]
        values = [measure(cpu / one.outputs[output], gpu / one.outputs[output]) for one in stages[stage]]
        return Check(f"{what}, of {len(values)} files", float(np.max(values)), allowed)

    return [
        Check("jobs with a model that ran on the CPU after all", _on_cpu(gpu, found), 0),
        most("predict", "predictions", "predictions", 0.005, "predictions: share that differs"),
        most("attribute", "maps", "datasets", 0.002, "maps: difference by length"),
        most("inequality", "inequality", "gini", 0.002, "Gini: largest difference"),
        most("noise", "noise", "outcomes", 0.02, "noise: share of outcomes that differ"),
        most("occlusion", "occlusion", "outcomes", 0.02, "occlusion: share of outcomes that differ"),
        most("robustness", "robustness", "rates", 0.05, "robust accuracy: difference"),
    ]


def _on_cpu(gpu: Path, found: list[Job]) -> float:
    """How many jobs with a model did not run on the GPU: one that torch can't use is no error."""
    ran = [one for one in found if one.stage.runs_model and one.stage.name not in SHARED]
    return sum("gpu" not in json.loads((gpu / one.log.with_suffix(".json")).read_text()) for one in ran)


def _predictions(one: Path, other: Path) -> float:
    first, second = (read_table(path, "predict")["prediction"] for path in (one, other))
    return float((first != second).mean())


def _datasets(one: Path, other: Path) -> float:
    first, second = (_read(path)["maps"].astype(np.float64) for path in (one, other))
    lengths = np.linalg.norm((first - second).reshape(len(first), -1), axis=1)
    return float((lengths / np.linalg.norm(first.reshape(len(first), -1), axis=1)).max())


def _gini(one: Path, other: Path) -> float:
    first, second = (read_table(path, "inequality")["gini_global"] for path in (one, other))
    return float(np.max(np.abs((first - second).to_numpy())))


def _outcomes(one: Path, other: Path) -> float:
    first, second = map(_read, (one, other))
    whole = [name for name in first if np.asarray(first[name]).dtype == np.int16]
    return float(np.mean(np.concatenate([np.ravel(first[name] != second[name]) for name in whole])))


def _rates(one: Path, other: Path) -> float:
    first, second = (read_table(path, "robustness").select_dtypes("number").mean() for path in (one, other))
    return float(np.max(np.abs((first - second).to_numpy())))


def _read(path: Path) -> dict[str, np.ndarray]:
    """Every dataset of a file by its name."""
    found: dict[str, np.ndarray] = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, item: found.update({name: item[()]} if isinstance(item, h5py.Dataset) else {}))
    return found


DIFFERENCES = {
    "predictions": _predictions,
    "datasets": _datasets,
    "gini": _gini,
    "outcomes": _outcomes,
    "rates": _rates,
}


def _audit(folder: Path) -> list[Check]:
    """The audit of a shipped model, as `ineq audit` makes it, on both: the numbers of its verdict."""
    from ineq.auditing import audit as module
    from ineq.auditing.request import subject
    from ineq.auditing.study import AuditRequest

    tables = []
    for name, variables in (("audit-cpu", ON_CPU), ("audit-gpu", ON_GPU)):
        root = _project(folder / name)

        def run(place: Path, targets: list[str], what: str, cores: int, variables: dict[str, str] = variables) -> None:
            run_by_hand(place, cores, variables, only=() if targets == ["all"] else targets)

        module.run = run  # type: ignore[assignment]
        with chdir(root):
            wanted = AuditRequest([subject(Path("models/cifar10/linf-4.safetensors"), "resnet18", 16)], 100, "cifar10")
            tables.append(module.audit(Path("."), "linf-4", wanted, WORKERS, lambda line: None).table)
    numbers = [table.select_dtypes("number") for table in tables]
    # Some rows have no difference to tell: NaN on both sides.
    difference = float(np.max(np.abs(np.nan_to_num(numbers[0]) - np.nan_to_num(numbers[1]))))
    return [Check(f"the verdict's {numbers[0].size} numbers: largest difference", difference, 0.05)]


if __name__ == "__main__":
    main()
