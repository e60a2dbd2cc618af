"""What starting costs: an import, a help text, a stage, an engine with nothing to do, one changed parameter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from timing import Row, compare

ROOT = Path(__file__).resolve().parents[1]
PYTHON, FOLDER = sys.executable, Path(sys.executable).parent
SNAKEFILE = """rule all:
    input: expand("a{n}", n=range(COUNT))

rule one:
    output: "a{n}"
    shell: "echo 1 > {output}"
"""
DVC_YAML = """stages:
  one:
    matrix: {n: NAMES}
    cmd: echo 1 > a${item.n}
    outs: ["a${item.n}"]
"""
BARE = {"one job": 1, "as many jobs": 75}


def _run(root: Path, *command: str) -> None:
    path = f"{FOLDER}{os.pathsep}{os.environ['PATH']}"
    own = {"PATH": path, "PYTHONPATH": str(root / "src"), "DVC_NO_ANALYTICS": "1"}
    subprocess.run(command, cwd=root, env={**os.environ, **own}, check=True, capture_output=True)


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _bare(root: Path, count: int) -> Path:
    """A project of each engine with trivial jobs, done."""
    root.mkdir()
    (root / "Snakefile").write_text(SNAKEFILE.replace("COUNT", str(count)))
    (root / "dvc.yaml").write_text(DVC_YAML.replace("NAMES", str([*range(count)])))
    _run(root, "git", "init", "--quiet")
    _run(root, "dvc", "init", "--quiet")
    _run(root, "dvc", "repro")
    _run(root, "snakemake", "--cores", "2", "all")
    return root


def _processes() -> Iterator[Row]:
    def python(*arguments: str) -> Callable[[], None]:
        return lambda: _run(ROOT, PYTHON, *arguments)

    nothing = {"python -c pass": python("-c", "pass")}
    yield from compare("start", "import ineq", python("-c", "import ineq"), nothing, note="≤ 0.1 s wanted")
    script = python("workflow/scripts/attack.py", "--help")
    yield from compare("start", "--help of a script", script, nothing, note="≤ 0.3 s wanted")
    modules = "import ineq.models.job, ineq.attacks.recordfile, ineq.runtime.runner"
    yield from compare(
        "start", "all that a stage imports", python("-c", modules), {"import torch": python("-c", "import torch")}
    )


def _engines(study: Path, bare: dict[str, Path]) -> Iterator[Row]:
    commands = {"snakemake": ("snakemake", "--cores", "2", "all"), "dvc": ("dvc", "repro")}
    for engine, command in commands.items():
        others = {f"the bare engine with {jobs}": partial(_run, root, *command) for jobs, root in bare.items()}
        wanted = {"the bare engine with one job": "≥ 0.77"}
        note = "the study digits, all done; ≤ 1.3 × the bare engine wanted"
        yield from compare(
            "nothing to do", engine, lambda command=command: _run(study, *command), others, wanted=wanted, note=note
        )


def _memory(study: Path) -> Iterator[Row]:
    """The highest peak of each stage's jobs, beside what every stage may take."""
    found: dict[str, tuple[float, float]] = {}
    for path in sorted((study / "results/digits/.runs").glob("*.json")):
        run = json.loads(path.read_text())
        stage = run["job"].split()[0]
        found[stage] = max(found.get(stage, (0.0, 0.0)), (run["peak_memory_gb"], run["seconds"]))
    for stage, (peak, seconds) in found.items():
        ratio = round(4 / peak, 2)
        yield Row("peak memory", f"digits: {stage}", "4 GB", seconds, ratio, ratio, ratio, "≥ 1", f"{peak} GB")


def rows() -> Iterator[Row]:
    """Processes, then the study `digits` in a checkout of its own: from nothing, again, and with another radius."""
    yield from _processes()
    with tempfile.TemporaryDirectory() as folder:
        study = Path(folder, "study")
        _run(ROOT, "git", "clone", "--quiet", str(ROOT), str(study))
        bare = {jobs: _bare(Path(folder, f"bare-{count}"), count) for jobs, count in BARE.items()}
        _run(study, PYTHON, "-m", "compileall", "-q", "src")  # as `make env` does
        _run(study, "ineq", "study", "use", "digits")
        full = _timed(lambda: _run(study, "snakemake", "--cores", "2", "all"))
        yield from _memory(study)
        _run(study, "ineq", "adopt")
        yield from _engines(study, bare)
        changed = (study / "params.yaml").read_text().replace("  radius: 2\n", "  radius: 3\n", 1)
        (study / "params.yaml").write_text(changed)
        again = _timed(lambda: _run(study, "snakemake", "--cores", "2", "all"))
        ratio = round(full / again, 2)
        yield Row("studies", "digits, attack.radius changed", "the whole study", again, ratio, ratio, ratio, "", "once")
        ratio = round(180 / full, 2)
        yield Row("studies", "digits from nothing", "3 minutes", full, ratio, ratio, ratio, "≥ 1", "once")
