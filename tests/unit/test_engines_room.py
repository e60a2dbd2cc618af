"""What an engine keeps to itself is known in one room only: a new version of it is met in one place."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOM = ROOT / "src" / "ineq" / "engines"
CODE = [
    path for folder in ("src", "workflow", "tests", "tools", "benchmarks") for path in (ROOT / folder).rglob("*.py")
]
RULES = [ROOT / "Snakefile", *(ROOT / "workflow").rglob("*.smk")]


def private(source: str) -> Iterator[str]:
    """Private attributes of anything but `self` and the like, in code that imports an engine."""
    tree = ast.parse(source)
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    modules = {name.name for node in imports if isinstance(node, ast.Import) for name in node.names}
    modules |= {node.module or "" for node in imports if isinstance(node, ast.ImportFrom)}
    if not {module.partition(".")[0] for module in modules} & {"snakemake", "dvc"}:
        return
    attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and re.match("_[a-z]", node.attr)]
    for node in attributes:
        if not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls", "os")):
            yield node.attr


def inside(rules: str) -> list[str]:
    """What rules look at in Snakemake's workflow, which they only hand on."""
    return re.findall(r"\bworkflow\.(?!yaml)[a-z_]+", re.sub(r"#.*|\"[^\"]*\"", "", rules))


def test_no_private_attribute_of_an_engine_is_used_elsewhere() -> None:
    found = {str(path): [*private(path.read_text(encoding="utf-8"))] for path in CODE if path.parent != ROOM}
    assert len(found) > 300 and {path: names for path, names in found.items() if names} == {}
    assert {str(path): names for path in RULES if (names := inside(path.read_text(encoding="utf-8")))} == {}


def test_the_check_can_fail() -> None:
    assert "_build_dag" in [name for path in ROOM.glob("*.py") for name in private(path.read_text(encoding="utf-8"))]
    assert inside("GPU = workflow.global_resources['gpu']  # workflow.x") == ["workflow.global_resources"]
