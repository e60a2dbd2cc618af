"""Names in the code say what they name, and earlier words stand in the glossary alone."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAP = ROOT / "tools" / "earlier_names.yaml"
"""It names the earlier names."""
WORDS = re.compile(r"\b(twins?|guidance|untouched|bookkeeper)\b", re.IGNORECASE)
"""Earlier words for controls, gain over random, without attack; and a class whose name said nothing."""
NO_NAMES = {"found", "wanted", "own", "given", "chosen", "told", "BOOKS", "Declared", "Remembered", "one_of"}
"""Identifiers that do not say what they name; as words of a sentence they are ordinary."""


def identifiers(path: Path) -> set[str]:
    """Names of variables, parameters, keywords, attributes, functions and classes of a module."""
    fields = {ast.Name: "id", ast.arg: "arg", ast.keyword: "arg", ast.Attribute: "attr", ast.ClassDef: "name"}
    fields |= {ast.FunctionDef: "name"}
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return {getattr(node, fields[type(node)]) for node in nodes if type(node) in fields}


@pytest.mark.parametrize("folder", ["src", "workflow", "tools"])
def test_names_say_what_they_name(folder: str) -> None:
    code = sorted((ROOT / folder).rglob("*.py"))
    assert code
    assert {str(path.relative_to(ROOT)): named for path in code if (named := NO_NAMES & identifiers(path))} == {}
    texts = [
        path for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".j2", ".smk", ".sh", ".yaml", ".css")
    ]
    assert [str(path) for path in texts if path != MAP and WORDS.search(path.read_text(encoding="utf-8"))] == []
