"""`import ineq` is light, whole, and gives the same names to people and tools."""

import subprocess
import sys
from pathlib import Path

import pytest

import ineq
from ineq.provenance.code import ROOMS


def imported_by(code: str) -> set[str]:
    """The modules that are loaded after `code`, in a process of its own."""
    code += "; import sys; print(*sys.modules)"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_importing_ineq_leaves_torch_and_numpy_out() -> None:
    assert not {"torch", "numpy", "captum"} & imported_by("import ineq; dir(ineq)")


def test_measures_of_numpy_arrays_leave_torch_out() -> None:
    assert "torch" not in imported_by("import ineq; ineq.gini([0, 1]); ineq.regional_gini([[[[1.0]]]], 1)")


def test_the_check_above_can_fail() -> None:
    assert "numpy" in imported_by("import ineq; ineq.gini")


def test_only_attributions_import_matplotlib() -> None:
    """captum does that, whatever of it is imported. Attacks, measures and the contract of plug-ins do without it."""
    modules = imported_by("import ineq.testing; [getattr(ineq, name) for name in ineq.__all__]")
    assert "torch" in modules and not {"matplotlib", "captum"} & modules
    assert "matplotlib" in imported_by("import captum.attr._core.saliency"), "captum has another way by now: take it"


def test_every_public_name_is_there() -> None:
    for name in ineq.__all__:
        assert callable(getattr(ineq, name)) and name in dir(ineq)
    assert ineq.__version__ == "0.1.0" and "__version__" in dir(ineq)
    with pytest.raises(AttributeError, match="no attribute 'ginni'"):
        ineq.ginni  # type: ignore[attr-defined]  # noqa: B018


def test_nothing_here_knows_of_parameters_or_engines() -> None:
    root = Path(ineq.__file__).parent
    themes = [path for theme in ("inequality", "attribution", "attacks") for path in (root / theme).glob("*.py")]
    shared = ("data/draws.py", "data/random_fields.py", "data/checks.py", "models/forward.py")
    for path in [*themes, *(root / name for name in shared)]:
        text = path.read_text()
        assert not any(f"ineq.{room}" in text for room in ROOMS), path
