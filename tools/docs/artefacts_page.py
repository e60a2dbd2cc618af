"""`docs/artefacts.md`: every file that a stage writes, with its columns or datasets, from the stages' declarations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from blocks import filled

from ineq.io.markdown import markdown_table
from ineq.planning.registry import STAGES
from ineq.planning.stage import Content, Output, Stage

RECORD = (
    "`stage`, `axes`, `parameters`, `code` (digests of modules, versions of packages, what each input and output is "
    "called), and the SHA-256 of `inputs` and `outputs`; where a model has run `arithmetic`, see [gpus.md](gpus.md)"
)


def artefacts_page(root: Path = Path(".")) -> str:
    """The page with its table made anew."""
    return filled(root / "docs" / "artefacts.md", {"artefacts": _table})


def _table() -> str:
    rows = [*_rows(), ("`<every folder>/record.json`", "every", "–", "JSON", RECORD)]
    return markdown_table(("file", "stage", "dataset or column", "type", "what it is"), rows)


def _rows() -> Iterator[tuple[str, ...]]:
    """Of several stages that make the same file for other models, and of several files of one content, the first."""
    listed = set()
    for stage in STAGES.values():
        for output in stage.outputs.values():
            file = _shown(stage, output)
            if file not in listed:
                listed.add(file)
                yield from (_row(file, stage, content) for content in output.content)


def _shown(stage: Stage, output: Output) -> str:
    path = stage.path(output.shown).removeprefix("results/{study}/")
    return path.replace("{", "<").replace("}", ">")


def _row(file: str, stage: Stage, content: Content) -> tuple[str, ...]:
    names = ", ".join(f"`{name}`" for name in content.names) or "–"
    return f"`{file}`", stage.name, names, content.type, content.meaning
