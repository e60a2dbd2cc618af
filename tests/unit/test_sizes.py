"""What a reader has to hold in his head at once stays small."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILES = [
    path for folder in ("src", "workflow", "tests", "tools", "benchmarks") for path in (ROOT / folder).rglob("*.py")
]


def test_files_and_functions_are_short() -> None:
    long = {}
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        long |= {str(path): text.count("\n")} if text.count("\n") > 300 else {}
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and (lines := (node.end_lineno or 0) - node.lineno + 1) > 40:
                long[f"{path}: {node.name}"] = lines
    assert len(FILES) > 350 and long == {}
