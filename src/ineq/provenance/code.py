"""The code a stage depends on: its script and the modules it imports, by meaning, and the packages they import.

The digest is over the syntax tree without docstrings: a comment changes nothing, an edited statement does, whatever the
file's date. What plans and runs jobs is left out on purpose: it only passes parameters, inputs and outputs on, and all
three are tracked by themselves; so a new parameter or stage reruns nothing that doesn't use it. For the same reason
only the functions of a stage's module count, without `cost`: the rest of it declares what is tracked. Which name each
input and output has is tracked here, since engines compare paths only. Nor is `ineq.extras` in it: where it does
anything at all, nothing is computed.

A template or style sheet of the package counts by its bytes, where a counted module or template has its whole file name
between quotes. So an edit of one reruns the stages that show it, and no other.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ineq.config.options import BUILT_IN
from ineq.errors import InputError
from ineq.extras import DISTRIBUTIONS
from ineq.installed import find
from ineq.io.text import digest, file_digest
from ineq.planning import registry
from ineq.provenance.file_hashes import CACHES, CachedByFile, written

# Resolved from this file, so that the digest is of the code that runs.
PACKAGE = Path(__file__).resolve().parents[1]
ROOMS = ("config", "planning", "engines", "provenance", "runtime", "housekeeping", "cli")
WIRING = tuple(f"ineq.{name}." for name in (*ROOMS, "extras"))
STAGES, TEMPLATES = PACKAGE / "stages", PACKAGE / "report" / "templates"
TEMPLATE = re.compile(r"[\w.-]+\.(?:j2|css|js)")
MODULES = {"method": "ineq.attribution.methods", "attack": "ineq.attacks.{name}"}
"""Where the code of a method or attack of this package is."""


def describe(files: Mapping[str, Path]) -> dict[str, Any]:
    """Digests of files by name and of the modules and templates they need; versions of Python and of their packages."""
    meanings: dict[str, str] = {}
    packages: set[str] = set()
    waiting = dict(files)
    while waiting:
        module, path = waiting.popitem()
        meanings[module], modules, imported = _examined(path)
        packages.update(imported)
        for name in modules:
            if name.startswith("."):
                raise InputError(f"{path}: a relative import, '{name}'; write it out, the code digest needs it")
            if name not in meanings and not f"{name}.".startswith(WIRING) and (file := _own_file(name)):
                waiting[name] = file
    python = ".".join(map(str, sys.version_info[:2]))
    foreign = sorted(packages - set(sys.stdlib_module_names))
    _examined.save()
    return {
        "modules": dict(sorted(meanings.items())),
        "packages": {"python": python} | {name: _version(name) for name in foreign},
    }


def describe_stage(stage: str, root: Path = Path(".")) -> dict[str, Any]:
    """`describe` for a stage, its script and its module, and its declared inputs and outputs by their names."""
    script = root / "workflow" / "scripts" / f"{stage}.py"
    code = describe({"script": script, f"ineq.stages.{stage}": STAGES / f"{stage}.py"})
    declared = registry.STAGES[stage]
    return {**code, "inputs": {**declared.source_files, **declared.inputs}, "outputs": declared.files}


def describe_plugin(kind: str, name: str) -> dict[str, Any]:
    """The same for a plug-in: its package, digests of all modules of that, and versions of it and what they import."""
    plugin = find(kind, name)
    files = plugin.files()
    packages = {name for path in files.values() if path.suffix == ".py" for name in _examined(path)[2]}
    foreign = sorted(packages - set(sys.stdlib_module_names) - {file.split(".")[0] for file in files})
    _examined.save()
    return {
        "plugins": {name: {"kind": kind, "distribution": plugin.distribution, "entry": plugin.entry.value}},
        "modules": {file: _plugin_file(path) for file, path in files.items()},
        "packages": {plugin.distribution: plugin.version} | {top: _version(top) for top in foreign},
    }


def _plugin_file(path: Path) -> str:
    """A compiled module has no syntax tree."""
    return meaning(path) if path.suffix == ".py" else file_digest(path)


def describe_run(kind: str, name: str) -> dict[str, Any]:
    """The same for a method or attack, of this package or a plug-in."""
    if name not in BUILT_IN[kind]:
        return describe_plugin(kind, name)
    module = MODULES[kind].format(name=name)
    file = _own_file(module)
    assert file is not None
    return describe({module: file})


def describe_job(stage: str, runs: Iterable[tuple[str, str]], root: Path = Path(".")) -> dict[str, Any]:
    """What a job's code means: that of its stage's script, and of each method or attack that it runs."""
    code = describe_stage(stage, root)
    for one in runs:
        part = describe_run(*one)
        code = {key: {**code.get(key, {}), **part.get(key, {})} for key in {**code, **part}}
    return code


def meaning(path: Path) -> str:
    """SHA-256 of a Python file's syntax tree without docstrings."""
    return _examined(path)[0]


def meaning_with_neighbours(path: Path, folder: Path) -> str:
    """The same of a file of the user with all that it imports from `folder`: modules, and packages as a whole.

    `folder` is where its imports are looked for; of a file in a package, that is where the package lies.
    """
    meanings = dict[Path, str]()
    waiting = [path, *(up / "__init__.py" for up in path.parents if up != folder and up.is_relative_to(folder))]
    while waiting:
        if (file := waiting.pop()) in meanings or not file.is_file():
            continue
        meanings[file], modules, imported = _examined_or_read(file)
        # A relative import is of the package that the file lies in.
        inside = {file.relative_to(folder).parts[0] for name in modules if name.startswith(".")}
        for name in inside.union(imported):
            waiting += [folder / f"{name}.py", *_below(folder / name)]
    if len(meanings) == 1:
        return meanings[path]
    return digest([[str(file.relative_to(folder)), meanings[file]] for file in sorted(meanings)])


def _examined_or_read(path: Path) -> list:
    """Of a file that is no code of this Python, its bytes: a package may have one that is never imported."""
    try:
        return _examined(path)
    except InputError:
        return [file_digest(path), [], []]


def _below(package: Path) -> Iterator[Path]:
    """The modules of a package, also behind links to folders; one that leads back is followed once."""
    seen = set[str]()
    for name, folders, files in os.walk(package, followlinks=True):
        if (real := os.path.realpath(name)) in seen:
            folders.clear()
            continue
        seen.add(real)
        yield from (Path(name, file) for file in files if file.endswith(".py"))


def _examine(path: Path) -> list:
    """Its meaning, what it needs of `ineq`, and the packages of what else it imports, wherever in it.

    Of `ineq`, modules and templates: dotted names with those above them, since a package's own module runs, too,
    relative ones as they are, and file names.
    """
    if path.suffix != ".py":
        quoted = re.findall(rf"[\"']({TEMPLATE.pattern})[\"']", path.read_text(encoding="utf-8"))
        return [file_digest(path), sorted(set(quoted)), []]
    tree = _parse(path)
    if path.parent == STAGES:
        tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name != "cost"]
    names: set[str] = set()
    templates: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            names.add("." * node.level + (node.module or ""))
        elif isinstance(node, ast.ImportFrom):
            names.update((node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)))
        elif isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            _forget_docstring(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and TEMPLATE.fullmatch(node.value):
            templates.add(node.value)
    internal = {name for name in names if name.split(".")[0] in ("ineq", "")}
    packages = {name.split(".")[0] for name in names - internal}
    absolute = [name for name in internal if not name.startswith(".")]
    above = {".".join(name.split(".")[:depth]) for name in absolute for depth in range(1, name.count(".") + 1)}
    return [hashlib.sha256(ast.dump(tree).encode()).hexdigest(), sorted(internal | above | templates), sorted(packages)]


# Another Python has other syntax trees, and another version of this module may look at them in another way.
EXAMINER = [sys.version, *written(Path(__file__))]
_examined = CachedByFile(CACHES / "code.json", list, _examine, lambda path: [*written(path), *EXAMINER])


def _forget_docstring(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    first = node.body[0] if node.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        node.body = node.body[1:]


def _parse(path: Path) -> ast.Module:
    try:
        # Its bytes, since the file says which encoding it has.
        return ast.parse(path.read_bytes())
    except SyntaxError as error:
        raise InputError(f"{path}, line {error.lineno}: {error.msg}") from None
    except ValueError as error:  # a byte of zero
        raise InputError(f"{path} is no Python code ({error})") from None


@cache
def _own_file(name: str) -> Path | None:
    """The file of a module or template of this package; None for a name inside one, and for the lazy top level."""
    if TEMPLATE.fullmatch(name):
        return TEMPLATES / name if (TEMPLATES / name).is_file() else None
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
