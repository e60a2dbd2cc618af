"""`make bench`: everything that this project says of its speed, measured, as JSON and as a table.

`python benchmarks/bench.py [PART …]` measures only some of measures, attacks, training, attribution, scaling, starts,
and of attribution `attribution:METHOD` just one method. Run it on an idle machine: it takes about an hour on two slow
cores, more than half of it for attribution.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import torch
from attribution import OPTIONS
from timing import Row, as_records, machine

FOLDER = Path(__file__).resolve().parent
PARTS = ("measures", "attacks", "training", "attribution", "scaling", "starts")
ONE_METHOD = tuple(f"attribution:{method}" for method in OPTIONS)


def table(rows: list[Row], about: dict[str, object]) -> str:
    """Markdown: where it was measured, then a line a row."""
    packages = ", ".join(f"{name} {number}" for name, number in about["packages"].items())  # type: ignore[union-attr]
    lines = [
        f"# Speed on {about['processor']}, {about['cores']} cores",
        "",
        f"Made by `make bench` on {about['measured']}; {about['threads']} thread of torch; GPU: {about['gpu']}; "
        f"Python {about['python']}; {packages}.",
        "",
        "A ratio says how many times as long the other side takes as ours just before and after it: the median of "
        "rounds, and the extremes.",
        "",
        "| what | seconds | against | ratio | from – to | wanted | note |",
        "| --- | ---: | --- | ---: | --- | --- | --- |",
    ]
    for row in rows:
        values = (f"{row.group}: {row.what}", f"{row.seconds:.3g}", row.against, f"{row.ratio:.2f}")
        lines.append(f"| {' | '.join((*values, f'{row.low:.2f} – {row.high:.2f}', row.wanted, row.note))} |")
    return "\n".join([*lines, ""])


def _with(earlier: list[dict[str, Any]], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Earlier rows, those that were measured again in their place."""
    again = {(row["group"], row["what"], row["against"]): row for row in rows}
    kept = [again.pop((row["group"], row["what"], row["against"]), row) for row in earlier]
    return [*kept, *again.values()]


def main() -> None:
    """Measure, and write what was found; what is not asked for keeps its earlier rows."""
    torch.set_num_threads(1)
    words = sys.argv[1:] or PARTS
    if unknown := set(words) - {*PARTS, *ONE_METHOD}:
        known = ", ".join((*PARTS, *ONE_METHOD))
        print(f"unknown part {', '.join(sorted(unknown))}: wanted some of {known}", file=sys.stderr)
        sys.exit(2)
    about = machine()
    name = f"{about['processor']}-{about['cores']}".replace(" ", "-").lower()
    path = FOLDER / "results" / f"{name}.json"
    found = json.loads(path.read_text())["rows"] if path.exists() else {}
    for part, _, method in (word.partition(":") for word in words):
        rows = []
        for row in importlib.import_module(part).rows(*filter(None, [method])):
            print(f"{row.group}: {row.what}: {row.ratio:.2f} × {row.against} {row.wanted}", flush=True)
            rows.append(row)
        found[part] = _with(found.get(part, []) if method else [], as_records(rows))
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"machine": about, "rows": found}, indent=1) + "\n")
    rows = [Row(**row) for part in PARTS for row in found.get(part, [])]
    path.with_suffix(".md").write_text(table(rows, about))


if __name__ == "__main__":
    main()
