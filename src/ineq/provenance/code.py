"""The code a stage depends on: its script and the modules it imports, by meaning, and the packages they import.

The digest is over the syntax tree without docstrings: a comment changes nothing, an edited statement does, whatever the
file's date. What plans and runs jobs is left out on purpose: it only passes parameters, inputs and outputs on, and all
three are tracked by themselves; so a new parameter or stage reruns nothing that doesn't use it. For the same reason
only the functions of a stage's module count, without `cost`: the rest of it declares what is tracked. Nor is
`ineq.extras` in it: where it does anything at all, nothing is computed.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ineq.errors import InputError
from ineq.extras import DISTRIBUTIONS
from ineq.io.text import file_digest
from ineq.plugins.installed import find
from ineq.provenance.file_hashes import CACHES, Remembered, written

# Resolved from this file, so that the digest is of the code that runs.
PACKAGE = Path(__file__).resolve().parents[1]
ROOMS = ("config", "planning", "engines", "provenance", "runtime", "housekeeping", "cli")
WIRING = tuple(f"ineq.{name}." for name in (*ROOMS, "extras"))
STAGES = PACKAGE / "stages"


def describe(files: Mapping[str, Path]) -> dict[str, Any]:
    """Digests of files by name and of the modules they import, and versions of Python and of the packages imported."""
    meanings: dict[str, str] = {}
    packages: set[str] = set()
    waiting = dict(files)
    while waiting:
        own, path = waiting.popitem()
        meanings[own], modules, found = _examined(path)
        packages.update(found)
        for name in modules:
            if name.startswith("."):
                raise InputError(f"{path}: a relative import, '{name}'; write it out, the code digest needs it")
            if name not in meanings and not f"{name}.".startswith(WIRING) and (file := _module_file(name)):
                waiting[name] = file
    python = ".".join(map(str, sys.version_info[:2]))
    foreign = sorted(packages - set(sys.stdlib_module_names))
    _examined.save()
    return {
        "modules": dict(sorted(meanings.items())),
        "packages": {"python": python} | {name: _version(name) for name in foreign},
    }


def describe_stage(stage: str, root: Path = Path(".")) -> dict[str, Any]:
    """`describe` for a stage: its script and its module."""
    script = root / "workflow" / "scripts" / f"{stage}.py"
    return describe({"script": script, f"ineq.stages.{stage}": STAGES / f"{stage}.py"})


def describe_plugin(kind: str, name: str) -> dict[str, Any]:
    """The same for a plug-in: its package, digests of all modules of that, and versions of it and what they import."""
    plugin = find(kind, name)
    files = plugin.files()
    packages = {name for path in files.values() if path.suffix == ".py" for name in _examined(path)[2]}
    foreign = sorted(packages - set(sys.stdlib_module_names) - {file.split(".")[0] for file in files})
    _examined.save()
    return {
        "plugin": {"kind": kind, "name": name, "distribution": plugin.distribution, "entry": plugin.entry.value},
        "modules": {file: _plugin_file(path) for file, path in files.items()},
        "packages": {plugin.distribution: plugin.version} | {top: _version(top) for top in foreign},
    }


def _plugin_file(path: Path) -> str:
    """A compiled module has no syntax tree."""
    return meaning(path) if path.suffix == ".py" else file_digest(path)


def describe_job(stage: str, plugin: tuple[str, str] | None, root: Path = Path(".")) -> dict[str, Any]:
    """What a job's code means: that of its stage's script, and of the plug-in that it runs."""
    code = describe_stage(stage, root)
    if plugin is None:
        return code
    own = describe_plugin(*plugin)
    return {**code, "plugin": own["plugin"], **{part: code[part] | own[part] for part in ("modules", "packages")}}


def meaning(path: Path) -> str:
    """SHA-256 of a Python file's syntax tree without docstrings."""
    return _examined(path)[0]


def _examine(path: Path) -> list:
    """Its meaning, all that it imports of `ineq` or relatively, wherever in it, and the packages of what else it does.

    Of `ineq`, dotted names with those above them, since a package's own module runs, too.
    """
    tree = _parse(path)
    if path.parent == STAGES:
        tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name != "cost"]
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            names.add("." * node.level + (node.module or ""))
        elif isinstance(node, ast.ImportFrom):
            names.update((node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)))
        elif isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            _forget_docstring(node)
    own = {name for name in names if name.split(".")[0] in ("ineq", "")}
    packages = {name.split(".")[0] for name in names - own}
    absolute = [name for name in own if not name.startswith(".")]
    above = {".".join(name.split(".")[:depth]) for name in absolute for depth in range(1, name.count(".") + 1)}
    return [hashlib.sha256(ast.dump(tree).encode()).hexdigest(), sorted(own | above), sorted(packages)]


# Another Python has other syntax trees, and another version of this module may look at them in another way.
OWN = [sys.version, *written(Path(__file__))]
_examined = Remembered(CACHES / "code.json", list, _examine, lambda path: [*written(path), *OWN])


def _forget_docstring(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    first = node.body[0] if node.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        node.body = node.body[1:]


def _parse(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError as error:
        raise InputError(f"{path}, line {error.lineno}: {error.msg}") from None


@cache
def _module_file(name: str) -> Path | None:
    """The file of a module of this package; None for a name inside one, and for the lazy top level."""
    path = PACKAGE.joinpath(*name.split(".")[1:])
    if path == PACKAGE:
        return None
    for file in (path.with_name(f"{path.name}.py"), path / "__init__.py"):
        if file.is_file():
            return file
    return None


@cache
def _version(package: str) -> str:
    try:
        return importlib.metadata.version(DISTRIBUTIONS.get(package, package))
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
