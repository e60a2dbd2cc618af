"""Pages with marked blocks that are generated, between `<!-- generated: NAME -->` and `<!-- end -->`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from ineq.errors import InputError

BLOCK = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(page: Path, blocks: Mapping[str, Callable[[], str]]) -> str:
    """The page with its blocks made anew; raises `InputError` for a block of another name."""

    def block(match: re.Match[str]) -> str:
        if match[2] not in blocks:
            raise InputError(f"{page}: unknown block '{match[2]}', expected one of {', '.join(blocks)}")
        return f"{match[1]}{blocks[match[2]]()}\n{match[3]}"

    return BLOCK.sub(block, page.read_text(encoding="utf-8"))
