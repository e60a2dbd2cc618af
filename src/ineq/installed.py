"""Plug-ins that are installed: which package declares one, and which files it is made of. No torch, nothing is run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ineq.errors import InputError, nearest

GROUPS = {"method": "ineq.methods", "attack": "ineq.attacks"}
"""Entry-point groups by the kind of plug-in."""
SOURCES = (".py", *EXTENSION_SUFFIXES)


@dataclass(frozen=True)
class Plugin:
    """A plug-in of an installed package."""

    kind: str
    name: str
    entry: EntryPoint

    @property
    def distribution(self) -> str:
        """The package that declares it, as it is installed by."""
        assert self.entry.dist is not None
        return self.entry.dist.name

    @property
    def version(self) -> str:
        """That package's version."""
        assert self.entry.dist is not None
        return self.entry.dist.version

    def __str__(self) -> str:
        return f"plug-in {self.kind} '{self.name}' ({self.distribution} {self.version})"

    def load(self) -> Any:
        """What the entry point names, which runs the package's code. Raises `InputError` where that fails."""
        try:
            return self.entry.load()
        # A package may raise anything while it is imported, and may end the process.
        except (Exception, SystemExit) as error:
            raise InputError(f"{self} can't be loaded: {type(error).__name__}: {error}") from error

    def files(self) -> dict[str, Path]:
        """Every module of its top-level package by dotted name, found without importing it.

        A namespace, which several packages share, is no package: the first one below it is.
        """
        name, *below = self.entry.module.split(".")
        spec = self._spec(name)
        while spec.origin is None and below:
            name = f"{name}.{below.pop(0)}"
            spec = self._spec(name)
        folders = [Path(folder) for folder in spec.submodule_search_locations or ()]
        if not folders:
            return {name: Path(str(spec.origin))}
        return {_dotted(name, path.relative_to(folder)): path for folder in folders for path in _sources(folder)}

    def _spec(self, name: str) -> ModuleSpec:
        try:
            spec = find_spec(name)
        except (ImportError, ValueError):
            spec = None
        if spec is None:
            raise InputError(f"{self} can't be loaded: its entry point names module '{name}', which is not there")
        return spec


def _sources(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.name.endswith(SOURCES) and path.is_file())


def _dotted(package: str, path: Path) -> str:
    """`package.part.module` of a file; a package's own `__init__.py` is the package."""
    parts = [*path.parts[:-1], path.name.split(".")[0]]
    return ".".join([package, *parts]).removesuffix(".__init__")


def names(kind: str) -> list[str]:
    """Names of all plug-ins of a kind that are installed."""
    return sorted({entry.name for entry in entry_points(group=GROUPS[kind])})


def find(kind: str, name: str) -> Plugin:
    """The plug-in of that kind ("method" or "attack") and name.

    Raises `InputError` where none is installed, or where two packages have one of the same name.
    """
    plugins = [Plugin(kind, name, entry) for entry in entry_points(group=GROUPS[kind], name=name)]
    if not plugins:
        known = names(kind)
        there = f"there are {', '.join(known)}{nearest(name, known)}" if known else "there is none"
        raise InputError(f"no installed package has a plug-in {kind} '{name}' (entry point '{GROUPS[kind]}'): {there}")
    if len(plugins) > 1:
        both = " and ".join(sorted(f"{one.distribution} {one.version}" for one in plugins))
        raise InputError(f"plug-in {kind} '{name}' is in several installed packages, {both}: keep one of them")
    return plugins[0]
