"""What pyproject.toml asks for: all that the code imports, in versions as low as the tests have passed with."""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from ineq.extras import DISTRIBUTIONS

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OPTIONAL = PROJECT["optional-dependencies"]
# All that a study needs: the library, and the extra that includes two others.
EVERY = [PROJECT["dependencies"], *(OPTIONAL[extra] for extra in ("workflow", "report", "robustness"))]
ASKED = {canonicalize_name(asked.name): asked for each in EVERY for asked in map(Requirement, each)}
ASKED.pop(canonicalize_name("ineq"))  # by which `workflow` includes the others


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        modules = [name.name for name in node.names] if isinstance(node, ast.Import) else []
        modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        yield from (module.partition(".")[0] for module in modules)


def test_what_is_imported_is_asked_for() -> None:
    """By its name: what another package brings today, it may do without tomorrow."""
    files = [*(ROOT / "src").rglob("*.py"), *(ROOT / "workflow").rglob("*.py")]
    names = {name for file in files for name in imported(file)} - sys.stdlib_module_names - {"ineq"}
    of = packages_distributions()
    assert {"numpy", "PIL", "scipy"} < names
    assert {name for name in names if not ASKED.keys() & {canonicalize_name(one) for one in of.get(name, [])}} == set()


def test_a_package_is_asked_for_once() -> None:
    """In the library or in one extra: a bound that stands twice is changed once."""
    assert len(ASKED) + 1 == sum(map(len, EVERY))
    assert "ineq[report,robustness]" in OPTIONAL["workflow"]


def test_a_missing_package_is_told_by_the_name_that_it_is_installed_by() -> None:
    """`pip install sklearn` brings another one."""
    own = {name for file in (ROOT / "src").rglob("*.py") for name in imported(file)}
    of = {name: {canonicalize_name(one) for one in all_of} for name, all_of in packages_distributions().items()}
    names = {name for name in own if ASKED.keys() & of.get(name, set())}
    assert {"sklearn", "PIL", "ruamel", "typer"} < names
    assert {name for name in names if canonicalize_name(DISTRIBUTIONS.get(name, name)) not in of[name]} == set()


def test_floors_are_the_versions_that_were_tried() -> None:
    """By tools/lowest.py, which writes them down: after another floor, it has to pass again."""
    tried = dict(line.split("==") for line in (ROOT / "tools/lowest.txt").read_text(encoding="utf-8").splitlines())
    floors = {name: [Version(bound.version) for bound in asked.specifier] for name, asked in ASKED.items()}
    assert floors == {name: [Version(version)] for name, version in tried.items()}
