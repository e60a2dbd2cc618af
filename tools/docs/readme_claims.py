"""The README's block on the paper's claims: the verdict of each published study."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ineq.io.markdown import markdown_table
from ineq.paper.summary import counted

PUBLISHED = "docs/results/{study}/paper/claims.csv"
STUDIES = {"cifar10": "CIFAR-10", "digits": "digits"}


def claims(root: Path = Path(".")) -> str:
    """A table, one row a claim, one column a study, below a sentence that counts."""
    files = {name: root / PUBLISHED.format(study=study) for study, name in STUDIES.items()}
    tables = {name: pd.read_csv(file).set_index("id") for name, file in files.items() if file.is_file()}
    if not tables:
        return "No run is published yet."
    first = next(iter(tables.values()))
    header = ("claim of the paper", "place", *tables)
    rows = [
        (first.at[claim, "claim"], first.at[claim, "place"], *(table.at[claim, "verdict"] for table in tables.values()))
        for claim in first.index
    ]
    counts = "; ".join(f"{name}: {counted(table)}" for name, table in tables.items())
    return f"{counts}.\n\n{markdown_table(header, rows)}"
