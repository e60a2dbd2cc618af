"""With this folder on Python's path, no process finds the packages that `INEQ_MISSING` names: as if not installed."""

from __future__ import annotations

import os
import sys
from importlib.machinery import ModuleSpec, PathFinder
from typing import Any

MISSING = set(os.environ["INEQ_MISSING"].split())


class _Without(PathFinder):
    """Finds what lies on Python's path, but for these packages."""

    @classmethod
    def find_spec(cls, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        return None if {fullname, fullname.partition(".")[0]} & MISSING else super().find_spec(fullname, path, target)


sys.meta_path[sys.meta_path.index(PathFinder)] = _Without
