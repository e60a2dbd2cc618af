"""Modules of the user: found where the user is, whatever else has their names, and hidden from everything else."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import chdir, contextmanager
from importlib.machinery import BuiltinImporter, FrozenImporter
from pathlib import Path
from types import ModuleType

FOLDER = "INEQ_CODE_FOLDER"
"""The environment variable that names the folders of the user's modules; without it, that is the working folder."""


def user_folders() -> list[Path]:
    """The folders of the user's modules: what `FOLDER` says, a list in JSON, or by hand a path, or several."""
    said = os.environ.get(FOLDER, ".")
    try:
        folders = json.loads(said)
    except ValueError:
        folders = None
    if not isinstance(folders, list):
        folders = [said] if Path(said).is_dir() else said.split(os.pathsep)
    return [Path(str(folder)).absolute() for folder in folders]


def in_one_variable(folders: Sequence[Path]) -> str:
    """What `FOLDER` is to say for these folders, whatever signs there are in their names."""
    return json.dumps([str(folder.resolve()) for folder in dict.fromkeys(folders)])


@contextmanager
def no_arguments(program: str) -> Iterator[None]:
    """Inside, code that asks for the command line finds none: it would take that of this process for its own."""
    arguments, sys.argv = sys.argv, [program]
    try:
        yield
    finally:
        sys.argv = arguments


@contextmanager
def user_modules() -> Iterator[None]:
    """Inside, modules come from the user's folders first, as in a script that is run there.

    What is loaded already under one of their names, such as `statistics` of the standard library, comes back at the
    end, and so does the working folder. The user's folders then stay the last ones on the path, for functions that
    import when they are called.
    """
    folders = [str(folder) for folder in user_folders()]
    names = set[str]().union(*map(_names, folders))
    others = {name: module for name, module in list(sys.modules.items()) if _hides(name, module, names, folders)}
    for name in others:
        del sys.modules[name]
    sys.path[:0] = folders
    try:
        with chdir("."):
            yield
    finally:
        sys.path[:] = [*(place for place in sys.path if place not in folders), *folders]
        sys.modules.update(others)


def _names(folder: str) -> set[str]:
    """A folder's modules and packages, without those that Python never looks for in a folder."""
    files, packages = Path(folder).glob("*.py"), Path(folder).glob("*/__init__.py")
    names = {path.stem for path in files} | {path.parent.name for path in packages}
    always = (BuiltinImporter, FrozenImporter)
    return {name for name in names - {"__main__"} if not any(finder.find_spec(name) for finder in always)}


def _hides(name: str, module: ModuleType, names: set[str], folders: list[str]) -> bool:
    """Whether a loaded module is another one than the user's of that name, or a part of another package."""
    file = getattr(module, "__file__", None) or ""
    return name.partition(".")[0] in names and not file.startswith(tuple(f"{folder}{os.sep}" for folder in folders))
