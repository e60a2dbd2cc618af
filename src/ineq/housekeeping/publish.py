"""Publishing a study: its small results, copied to where they are committed and where the documentation reads them."""

from __future__ import annotations

import shutil
from pathlib import Path

from ineq.errors import InputError
from ineq.stages.figures import FIGURES
from ineq.stages.paper import PAPER
from ineq.stages.tables import TABLES

PUBLISHED = "docs/results/{study}"


def publish(study: str, root: Path = Path(".")) -> list[Path]:
    """Copy tables, metrics and figures of a finished run to where they are committed; returns the new paths."""
    files = [f"tables/{name}.csv" for name in TABLES] + ["tables/metrics.json", "figures/captions.json"]
    copied = []
    files += [f"paper/{name}.csv" for name in (*PAPER, "sensitivity", "claims")]
    files += [f"paper/{name}.svg" for name in PAPER]
    for file in [*files, *(f"figures/{name}.svg" for name in FIGURES)]:
        source = root / "results" / study / file
        if not source.is_file():
            raise InputError(f"{source} is missing: run the whole study first")
        # Tables lie right in the folder, figures in one of their own.
        target = root / PUBLISHED.format(study=study) / file.removeprefix("tables/")
        target.parent.mkdir(parents=True, exist_ok=True)
        copied.append(Path(shutil.copyfile(source, target)))
    return copied
