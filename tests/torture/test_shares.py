"""The number of cases is what it says."""

from __future__ import annotations

import re
from pathlib import Path


def test_the_shares_of_the_tests_are_one_whole() -> None:
    texts = [path.read_text() for path in Path(__file__).parent.glob("test_bad_*.py")]
    assert sum(int(share) for text in texts for share in re.findall(r"^@cases\((\d+)\)$", text, re.MULTILINE)) == 100
