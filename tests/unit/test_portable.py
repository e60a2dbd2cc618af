"""The library imports where there is no Unix: on Windows, too. What plans and runs studies need not."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import ineq

ROOT = Path(ineq.__file__).parent
UNIX = {"fcntl", "grp", "pwd", "resource", "termios"}
NOT_LIBRARY = {"auditing", "cli", "config", "planning", "stages", "engines", "provenance", "runtime", "housekeeping"}
LIBRARY = [path for path in sorted(ROOT.rglob("*.py")) if path.relative_to(ROOT).parts[0] not in NOT_LIBRARY]


def of_unix(tree: ast.AST) -> Iterator[str]:
    """Modules and folders that only Unix has, wherever the code names them."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names):
                yield from (alias.name for alias in names if alias.name in UNIX)
            case ast.ImportFrom(module=str(name)) if name in UNIX:
                yield name
            case ast.Constant(str(text)) if text.startswith("/proc"):
                yield text


def test_the_library_names_nothing_of_unix() -> None:
    found = {
        str(path): names for path in LIBRARY if (names := list(of_unix(ast.parse(path.read_text(encoding="utf-8")))))
    }
    assert len(LIBRARY) > 80 and found == {}


def test_the_check_above_can_fail() -> None:
    code = "import os, fcntl\nfrom pwd import getpwall\ndef f(): import grp; open(f'/proc/{1}'); open('/proc')"
    assert sorted(of_unix(ast.parse(code))) == ["/proc", "/proc/", "fcntl", "grp", "pwd"]
    assert set(of_unix(ast.parse((ROOT / "runtime/locks.py").read_text()))) == {"fcntl"}


def imported_without(names: set[str], modules: list[str]) -> subprocess.CompletedProcess[str]:
    """`modules` imported where those of `names` can't be."""
    code = (
        f"import importlib, sys; sys.modules.update(dict.fromkeys({names})); [*map(importlib.import_module, {modules})]"
    )
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


def test_the_library_imports_without_them() -> None:
    parts = [path.relative_to(ROOT.parent).with_suffix("").parts for path in LIBRARY]
    modules = [".".join(part).removesuffix(".__init__") for part in parts]
    assert imported_without(UNIX, modules).stderr == ""
    assert "fcntl" in imported_without(UNIX, ["ineq.runtime.locks"]).stderr
