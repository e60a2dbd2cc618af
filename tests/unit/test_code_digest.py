"""A stage's code digest: what it means, of what it imports."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ineq.errors import InputError
from ineq.pipeline.code import describe, meaning
from ineq.pipeline.registry import STAGES

ROOT = Path(__file__).resolve().parents[2]
CODE = '"""Doc."""\n\ndef f(x):\n    """Doc."""\n    return x + 1\n'


@pytest.mark.parametrize(
    "same",
    [
        CODE.replace("return", "# why\n    return"),
        CODE.replace("Doc.", "Other."),
        CODE.replace("x + 1", "(x   +   1)"),
        CODE + "\n\n",
    ],
)
def test_comments_docstrings_and_layout_mean_nothing(tmp_path: Path, same: str) -> None:
    (tmp_path / "a.py").write_text(CODE)
    (tmp_path / "b.py").write_text(same)
    assert meaning(tmp_path / "a.py") == meaning(tmp_path / "b.py")


@pytest.mark.parametrize(
    "other", [CODE.replace("+ 1", "+ 2"), CODE.replace("+", "-"), CODE + "f(1)\n", CODE + "'text'\n"]
)
def test_statements_do(tmp_path: Path, other: str) -> None:
    (tmp_path / "a.py").write_text(CODE)
    (tmp_path / "b.py").write_text(other)
    assert meaning(tmp_path / "a.py") != meaning(tmp_path / "b.py")


def test_a_relative_import_and_broken_code_are_refused(tmp_path: Path) -> None:
    for text, sentence in {"from . import x\n": "relative import", "def f(:\n": "line 1"}.items():
        (tmp_path / "a.py").write_text(text)
        with pytest.raises(InputError, match=sentence):
            describe(tmp_path / "a.py")


LISTING = """
import json, os, runpy, sys
import captum.attr, pandas, sklearn.datasets, torchvision  # loaded once, so that the children are quick

for script in sys.argv[1:]:
    if not os.fork():
        runpy.run_path(script, run_name="looked_at")
        print(json.dumps([script, [name for name in sys.modules if name.startswith("ineq")]]), flush=True)
        os._exit(0)
    assert os.wait()[1] == 0, script
"""


def test_the_digest_covers_what_the_stages_really_import() -> None:
    """Run the imports, and compare with what was found by reading; only wiring may be missing."""
    scripts = [ROOT / "workflow" / "scripts" / f"{stage}.py" for stage in STAGES]
    command = [sys.executable, "-W", "ignore", "-c", LISTING, *map(str, scripts)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    wiring = re.compile(r"ineq$|ineq\.(config|pipeline|cli|extras)\b")
    # What only wiring imports reaches the stage as parameters and records; errors and text helpers are shared with it.
    only_wiring = {"ineq.errors", "ineq.io", "ineq.io.text", "ineq.plugins", "ineq.plugins.installed"}
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == len(STAGES)
    for script, modules in lines:
        really = {name for name in modules if not wiring.match(name)}
        assert really - only_wiring <= set(describe(Path(script))["modules"]), script
        assert "ineq.pipeline.entry" in modules


def test_editing_the_copy_changes_the_copy_only(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src", tmp_path / "src")
    shutil.copytree(ROOT / "workflow", tmp_path / "workflow")
    target = tmp_path / "src" / "ineq" / "inequality" / "measures.py"
    target.write_text(target.read_text() + "\nEDITED = 1\n")
    program = "from ineq.pipeline.code import describe_stage as d; print(d('inequality')['modules'])"
    found = {
        str(root): subprocess.run(
            [sys.executable, "-c", program],
            cwd=root,
            env={"PYTHONPATH": str(root / "src")},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for root in (ROOT, tmp_path)
    }
    assert len(set(found.values())) == 2


def test_packages_are_named_with_their_versions() -> None:
    packages = describe(ROOT / "workflow" / "scripts" / "attribute.py")["packages"]
    assert {"python", "torch", "captum", "numpy", "h5py"} <= set(packages)
    assert "not installed" not in packages.values()
