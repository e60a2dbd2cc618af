"""Whole projects in temporary folders: the tracked files, with a study of seconds as the current one.

A project is its own checkout: `PYTHONPATH` points at its own `src`, so an edit there is of that project's code only.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import engines
import pytest
from filelock import FileLock

from ineq.config.activate import use_study
from ineq.config.makers import MAKERS

ROOT = Path(__file__).resolve().parents[1]
MODELS = ("standard", "linf-0.3")
CHANGES: dict[str, Any] = {
    "study": "tiny",
    "models": [*MODELS, "pruned", "imported"],
    "maps": {
        "integrated_gradients": list(MODELS),
        "input_x_gradient": ["standard"],
        "gradient_shap": ["standard"],
        "smoothgrad": [],
    },
    "train.models": list(MODELS),
    "train.epochs": 3,
    "train.ramp_epochs": 1,
    "train.log_steps": 1,
    "train.log_images": 20,
    "prune.models": ["pruned"],
    "imports.models": ["imported"],
    "prune.epochs": 1,
    "sample.size": 40,
    # One model does not define the sample: it is judged on those sampled images that it gets right.
    "sample.models": ["standard", "pruned"],
    "attribution.integrated_gradients.steps": 4,
    "attribution.gradient_shap.samples": 2,
    "attack.draws": 2,
    "attack.count": 3,
    "attack.subpixels": [2, 8],
    "attack.noise.repeats": 2,
    "robustness.models": ["standard"],
    "robustness.images": 8,
    # Every image falls under the first attack, and so the others cost nothing.
    "robustness.epsilon": 0.9,
    "robustness.steps": 2,
    "transfer.budgets": [{"count": 2, "radius": 1}, {"count": 3, "radius": 2}],
    "classes.models": ["standard"],
    "sensitivity.models": list(MODELS),
    "sensitivity.images": 20,
    "tables.budgets": [{"count": 2, "radius": 1}],
    "tables.resamples": 200,
    "gallery.images": 4,
}


class Project:
    """A checkout in a folder of its own."""

    def __init__(self, root: Path):
        self.root = root
        self.extra: dict[str, str] = {}

    def environment(self) -> dict[str, str]:
        """This environment, with the project's own source first."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        own = {"PATH": path, "PYTHONPATH": str(self.root / "src"), "DVC_NO_ANALYTICS": "1"}
        return {**os.environ, **own, **self.extra}

    def run(
        self, *command: str, check: bool = True, timeout: int = 1800, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in it, or in another folder; its output is text."""
        options: Any = {"capture_output": True, "text": True, "timeout": timeout, "check": False}
        done = subprocess.run(command, cwd=cwd or self.root, env=self.environment(), **options)
        if check and done.returncode:
            pytest.fail(
                f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
            )
        return done

    def git(self, *arguments: str) -> None:
        """Run git as somebody."""
        self.run("git", "-c", "user.name=tester", "-c", "user.email=tester@example.org", *arguments)

    def change(self, changes: dict[str, Any], path: str = "params.yaml") -> None:
        """Set dotted keys of a YAML file."""
        engines.change_yaml(self.root / path, changes)

    def snakemake(self, *arguments: str) -> str:
        """Run Snakemake on everything; returns what it said."""
        done = self.run("snakemake", "--cores", "8", *arguments, "all")
        return done.stdout + done.stderr

    def planned_by_snakemake(self) -> set[str]:
        """Names of the jobs that Snakemake would run now."""
        said = self.snakemake("--dry-run", "--printshellcmds")
        return {engines.job_name(command) for command in re.findall(r"python workflow/scripts/.*", said)}

    def planned_by_dvc(self, *cases: engines.Changes) -> list[set[str]]:
        """For each case, names of the jobs that DVC would run after those changes; without a case, as things are."""
        return self.plans("dvc", *cases)

    def plans(self, engine: str, *cases: engines.Changes) -> list[set[str]]:
        """The same for "dvc" or "snakemake", all cases in one process."""
        here = str(Path(__file__).parent)
        script = f"import sys; sys.path.insert(0, {here!r}); import engines; engines.print_plans({engine!r})"
        done = self.run(sys.executable, "-c", script, json.dumps(cases or [{}]), timeout=1200)
        return [set(plan) for plan in json.loads(done.stdout.splitlines()[-1])]

    def results(self) -> dict[str, bytes]:
        """Every artefact's bytes; times, digests and lists of the engines are not artefacts."""
        folder = self.root / "results" / "tiny"
        files = (path for path in folder.rglob("*") if path.is_file())
        return {
            str(path.relative_to(folder)): path.read_bytes()
            for path in files
            if not path.relative_to(folder).parts[0].startswith(".")
        }

    def copy(self, target: Path) -> Project:
        """A copy of everything, dates kept."""
        target = target.with_name(f"{target.name}-{self.root.name}")
        shutil.copytree(self.root, target, symlinks=True)
        return Project(target)


def copy_tracked(root: Path) -> None:
    """Copy the tracked and new files of this checkout, but for tests."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        stdout=subprocess.PIPE,  # what git says of a source archive is seen
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file() and not name.startswith("tests/"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, root / name)


def make_project(root: Path) -> Project:
    """The tracked and new files of this checkout, in a git repository of its own, with the study `tiny`."""
    copy_tracked(root)
    project = Project(root)
    shutil.copytree(root / "models" / "digits", root / "models" / "tiny")
    project.change({"train.steps": 2}, "models/tiny/linf-0.3.yaml")
    shutil.copytree(ROOT / "tests" / "imported", root / "models" / "tiny", dirs_exist_ok=True)
    shutil.copy(root / "models/tiny/standard.yaml", root / "models/tiny/pruned.yaml")
    project.change({"weights": "prune", "pruning": {"kind": "filters", "amount": 0.1}}, "models/tiny/pruned.yaml")
    shutil.copy(root / "studies/digits.yaml", root / "studies/tiny.yaml")
    # Which model is made how, its card says.
    listed = {f"{section}.models" for section in MAKERS}
    project.change({key: value for key, value in CHANGES.items() if key not in listed}, "studies/tiny.yaml")
    use_study(root, "tiny", discard=True)
    (root / "dvc.lock").unlink(missing_ok=True)
    project.git("init", "-q", "-b", "main")
    project.git("add", "-A")
    project.git("commit", "-q", "-m", "tiny")
    return project


def with_pretended_gpu(project: Project) -> Project:
    """The project, whose processes have a pretended GPU; jobs share two by their numbers."""
    path = project.extra.get("PYTHONPATH", str(project.root / "src"))
    project.extra |= {"PYTHONPATH": f"{ROOT / 'tests' / 'pretended'}:{path}", "CUDA_VISIBLE_DEVICES": "0,1"}
    return project


def once(folder: Path, build: Callable[[Path], Any]) -> Project:
    """Built by the first worker that asks; the others wait."""
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            temporary = folder.with_name(f"{folder.name}.part")
            shutil.rmtree(temporary, ignore_errors=True)
            build(temporary)
            temporary.rename(folder)
    return Project(folder)
