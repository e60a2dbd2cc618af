"""Every place in the code that moves a tensor to a device, and the code with one of them taken out.

Found by the syntax tree: a call of `.to`, `.cpu` or `.cuda`, one that says `device=` or `map_location=`, and one of a
function of `PLACING`. `moves.yaml` lists them all, with what comes of each when it is taken out.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple

from engines import read_yaml
from project import ROOT

METHODS = {"to", "cpu", "cuda"}
KEYWORDS = {"device", "map_location"}
PLACING = {"as_images": 1, "_tensor": 3}
"""Functions of the project that put an array on a device, and which of their arguments says on which."""
REACHED: set[Place] = set()
"""The places that this process has come to."""


class Place(NamedTuple):
    """Where a tensor is moved: the file, the function in it, and the call, numbered where it is there twice."""

    file: str
    function: str
    call: str

    def __str__(self) -> str:
        return ": ".join(self)


def listed() -> dict[Place, str]:
    """What `moves.yaml` says of each place: "refused", or "harmless: " and why CUDA takes the code without it."""
    files = read_yaml(Path(__file__).with_suffix(".yaml"))
    return {
        Place(file, function, call): found
        for file, functions in files.items()
        for function, calls in functions.items()
        for call, found in calls.items()
    }


@cache
def places() -> list[Place]:
    """All that the code has now."""
    files = sorted((ROOT / "src" / "ineq").rglob("*.py"))
    return [
        place for path in files for place in places_in(path.read_text(encoding="utf-8"), str(path.relative_to(ROOT)))
    ]


def places_in(source: str, file: str) -> list[Place]:
    """Those of a file."""
    return [*_found(ast.parse(source), file).values()]


def _found(tree: ast.Module, file: str) -> dict[ast.AST, Place]:
    finder = _Finder(file)
    finder.visit(tree)
    return finder.found


class _Finder(ast.NodeVisitor):
    """Finds the calls that move a tensor, with their places."""

    def __init__(self, file: str) -> None:
        self.file, self.inside = file, []
        self.found: dict[ast.AST, Place] = {}

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.ClassDef) -> None:
        self.inside.append(node.name)
        self.generic_visit(node)
        self.inside.pop()

    visit_ClassDef = visit_FunctionDef

    def visit_Call(self, node: ast.Call) -> None:
        if without(node) is not node:
            place = Place(self.file, ".".join(self.inside), call := ast.unparse(node))
            number = 2
            while place in self.found.values():
                place, number = place._replace(call=f"{call} ({number})"), number + 1
            self.found[node] = place
        self.generic_visit(node)


def without(call: ast.Call) -> ast.expr:
    """A call without its move; itself if it has none."""
    function, keywords = call.func, [one for one in call.keywords if one.arg not in KEYWORDS]
    if isinstance(function, ast.Attribute) and function.attr in METHODS:
        stays = ast.Name("tensor_stays", ast.Load())
        return ast.Call(stays, [function.value, *call.args], call.keywords) if function.attr == "to" else function.value
    if isinstance(function, ast.Name) and len(call.args) > (place := PLACING.get(function.id, len(call.args))):
        arguments = [*call.args[:place], ast.Constant(None), *call.args[place + 1 :]]
        return ast.Call(function, arguments, call.keywords)
    return ast.Call(function, call.args, keywords) if len(keywords) < len(call.keywords) else call


def _stays(tensor: Any, *where: Any, **named: Any) -> Any:
    """What `tensor.to` gives but for the device: a tensor or a model of another type or memory format."""
    # Imports torch, before which `make moves` says with how many threads.
    from pretended.pretended_gpu import told

    _, options = told(*where, **named)
    return tensor.to(**options) if options else tensor


class _Watching(ast.NodeTransformer):
    """Makes each place say that it is reached, and takes one out."""

    def __init__(self, found: dict[ast.AST, Place], out: Place | None) -> None:
        self.found, self.out = found, out

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if (place := self.found.get(node)) is None:
            return node
        says = ast.Call(ast.Name("place_reached", ast.Load()), [ast.Constant(part) for part in place], [])
        return ast.BoolOp(ast.Or(), [says, without(node) if place == self.out else node])


HELPERS: dict[str, Callable[..., Any]] = {
    "tensor_stays": _stays,
    "place_reached": lambda *place: REACHED.add(Place(*place)),
}
"""What watched code calls, by names that the code itself has for nothing."""


def watched(source: str, file: str, out: Place | None) -> CodeType:
    """The code of a file whose places say that they are reached, without the place `out`; it needs `HELPERS`."""
    tree = ast.parse(source)
    changed = _Watching(_found(tree, file), out).visit(tree)
    return compile(ast.fix_missing_locations(changed), file, "exec")


def run_watched(path: Path, out: Place | None, names: dict[str, Any]) -> None:
    """Run a file of this checkout so, in the namespace `names`."""
    code = watched(path.read_text(encoding="utf-8"), str(path.relative_to(ROOT)), out)
    exec(code, names.update(HELPERS) or names)


class WatchedModules(MetaPathFinder):
    """Imports the modules of `ineq` that move a tensor as `watched` has them; nothing on disk changes."""

    def __init__(self, out: Place | None) -> None:
        self.out, self.files = out, {str(ROOT / place.file) for place in places()}

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path) if name.startswith("ineq.") else None
        if spec is None or spec.origin not in self.files:
            return None
        spec.loader = _Loader(name, spec.origin, self.out)
        return spec


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, out: Place | None) -> None:
        super().__init__(name, path)
        self.out = out

    def exec_module(self, module: Any) -> None:
        run_watched(Path(self.path), self.out, vars(module))
