"""The library does with its own packages, and says in a sentence which extra brings what it lacks."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ineq.errors import InputError
from ineq.extras import MissingExtra, extra, packages_of
from ineq.runtime.console import exit_on_error

ROOT = Path(__file__).resolve().parents[2]


def brought_by(package: str, extras: frozenset[str] = frozenset({""})) -> set[str]:
    """A package with all that its installation brings here, extras of others too."""
    found: dict[tuple[str, frozenset[str]], None] = {}
    waiting = [(package, extras)]
    while waiting:
        if (one := waiting.pop()) in found:
            continue
        found[one] = None
        for asked in map(Requirement, requires(one[0]) or []):
            if asked.marker is None or any(asked.marker.evaluate({"extra": name}) for name in one[1]):
                waiting.append((canonicalize_name(asked.name), frozenset({"", *asked.extras})))
    return {name for name, _ in found}


def run(missing: set[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python with these arguments, in the project's folder, where packages seem not to be installed."""
    without = {"INEQ_MISSING": " ".join(missing), "PYTHONPATH": str(ROOT / "tests/missing")}
    environment = os.environ | without
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True)


def test_the_library_works_with_its_own_packages_alone() -> None:
    """tools/lowest.py runs the same program in an environment that has no others."""
    own = brought_by("ineq")
    assert {"captum", "torch", "numpy", "pandas", "safetensors"} < own
    theirs = {top for top, of in packages_distributions().items() if not own & {canonicalize_name(one) for one in of}}
    assert {"typer", "h5py", "pydantic", "scipy", "sklearn", "torchvision", "snakemake", "dvc"} < theirs
    done = run(theirs, "tests/library_alone.py")
    assert (done.returncode, done.stdout) == (0, "the library stands alone\n"), done.stderr


REPORT, WORKFLOW = "pip install 'ineq[report]'", "pip install 'ineq[workflow]'"
# What packages of the library bring today, and need not tomorrow: captum matplotlib, that pillow, torch jinja2; and
# where a package is imported after another one that is missing, too.
ALSO = [
    ("matplotlib", "ineq.figures.style", f"matplotlib is not installed, which a figure needs: {REPORT}"),
    ("matplotlib", "ineq.gallery.encode", f"matplotlib is not installed, which the gallery needs: {REPORT}"),
    ("jinja2", "ineq.report.render", f"jinja2 is not installed, which the report needs: {REPORT}"),
    ("PIL", "ineq.gallery.encode", f"pillow is not installed, which the gallery needs: {REPORT}"),
    ("PIL", "ineq.data.decode", f"pillow is not installed, which an image file needs: {WORKFLOW}"),
    ("h5py", "ineq.io.hdf5", f"h5py is not installed, which an HDF5 file needs: {WORKFLOW}"),
    ("ruamel", "ineq.config.study", f"ruamel.yaml is not installed, which the workflow needs: {WORKFLOW}"),
]


@pytest.mark.parametrize(("package", "module", "sentence"), ALSO)
def test_a_module_names_the_extra_that_it_lacks(package: str, module: str, sentence: str) -> None:
    done = run({package}, "-c", f"import {module}")
    assert done.stderr.splitlines()[-1] == f"ineq.extras.MissingExtra: {sentence}"


def test_the_digits_name_scikit_learn() -> None:
    done = run({"sklearn"}, "-c", "from ineq.data.digits import digits\ndigits(held_out=9)")
    sentence = f"scikit-learn is not installed, which the data set of digits needs: {WORKFLOW}"
    assert done.stderr.splitlines()[-1] == f"ineq.extras.MissingExtra: {sentence}"


def test_a_stage_needs_what_its_log_needs() -> None:
    done = run({"tqdm"}, "workflow/scripts/predict.py", "--model", "standard")
    assert (done.returncode, done.stderr) == (
        2,
        f"predict: tqdm is not installed, which the workflow needs: {WORKFLOW}\n",
    )


def importing(name: str) -> Callable[[], None]:
    def fail() -> None:
        raise ModuleNotFoundError(f"No module named '{name}'", name=name)

    return fail


def test_a_package_that_a_stage_needs_later_is_a_sentence_too(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end, exit_on_error("tables", failed="tables failed"):
        importing("sklearn.datasets")()
    said = capsys.readouterr().err
    assert (end.value.code, said) == (
        2,
        f"tables: scikit-learn is not installed, which the workflow needs: {WORKFLOW}\n",
    )


def test_a_package_of_nobodys_is_no_extra(capsys: pytest.CaptureFixture[str]) -> None:
    """A module of the project's that is gone, or a plug-in's package: that is a fault, and told as one."""
    with pytest.raises(SystemExit) as end, exit_on_error("tables", failed="tables failed"):
        importing("ineq_mine")()
    said = capsys.readouterr().err
    assert end.value.code == 1 and said.startswith("Traceback") and said.endswith("tables failed\n")
    # A package of another extra than the one that is to bring it.
    with pytest.raises(ModuleNotFoundError) as error, extra("report", "a figure"):
        importing("typer")()
    assert not isinstance(error.value, MissingExtra)


def test_who_catches_either_kind_of_error_gets_it() -> None:
    for kind in (InputError, ImportError):
        with pytest.raises(kind, match="which a figure needs") as error, extra("report", "a figure"):
            importing("matplotlib.axes")()
        assert isinstance(error.value, MissingExtra) and error.value.name == "matplotlib.axes"


def test_the_inner_sentence_stays() -> None:
    sentence = pytest.raises(MissingExtra, match="which a figure needs")
    with sentence, extra("workflow", "the workflow"), extra("report", "a figure"):
        importing("matplotlib")()


def test_extras_are_those_of_pyproject() -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    names = {name: {canonicalize_name(Requirement(one).name) for one in each} for name, each in asked.items()}
    assert names["workflow"] >= {"ineq", "snakemake"}
    names["workflow"] = (names["workflow"] | names["report"] | names["robustness"]) - {"ineq"}
    assert {name: packages_of(name) for name in names} == names
