"""The list of the second tier names tests that there are, and leaves none out by a slip."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from second_tier import SECOND, in_second_tier

TESTS = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("entry", SECOND)
def test_every_entry_is_a_test(entry: str) -> None:
    file, _, name = entry.partition("::")
    text = (TESTS / file).read_text(encoding="utf-8")
    assert not name or re.search(rf"^def {re.escape(name.partition('[')[0])}\(", text, re.MULTILINE)


def test_an_entry_is_a_file_a_test_or_a_case() -> None:
    for entry in ("a.py", "a.py::test", "a.py::test[one]"):
        assert in_second_tier("tests/a.py::test[one]", entry)
    for entry in ("a.p", "a.py::tes", "a.py::test[two]", "b.py"):
        assert not in_second_tier("tests/a.py::test[one]", entry)
