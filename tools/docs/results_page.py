"""`docs/results.md`: each table and figure of the paper, the file that answers it here, and how the two agree."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ineq.attribution.names import METHOD
from ineq.config.compose import study_parameters
from ineq.errors import InputError
from ineq.io.markdown import markdown_table
from ineq.io.tables import records
from ineq.paper.names import FIGURES, ITEMS
from ineq.paper.numbers import COLUMNS, LOST
from ineq.paper.summary import agreement, claims_part, sensitivity_part

PUBLISHED = "docs/results/{study}"
STUDIES = ("cifar10", "digits", "digits-seeds")
INTRODUCTION = """\
# Results

Each table and figure of the paper, the file that answers it, and how the two agree. All of it is made from
[docs/results](results) by `make generate`; `make results` puts a finished run there. A command makes just that file,
and what it needs, in the environment that the README names; `make all STUDY=name` makes all of a study. The tables'
columns are in [artefacts.md](artefacts.md), the paper's numbers with their place and wording in
[data/paper/numbers.csv](../data/paper/numbers.csv). "undecided" is what was tested, but moves less than its interval
over images. One checkpoint a row: what holds of it need not hold of the next training seed."""


def results_page(root: Path = Path(".")) -> str:
    """The page over the published studies, and what is lost of the paper's numbers."""
    parts = [INTRODUCTION]
    for study in STUDIES:
        if (root / PUBLISHED.format(study=study) / "paper").is_dir():
            parts += _study(root, study)
    return "\n\n".join([*parts, _contradictions(root), _lost(root)]) + "\n"


def _study(root: Path, study: str) -> Iterator[str]:
    folder = root / PUBLISHED.format(study=study)
    claims = pd.read_csv(folder / "paper" / "claims.csv", keep_default_na=False)
    yield f"# Study `{study}`"
    yield claims_part(claims)
    yield f"## Tables\n\n{_lines(list(_tables(folder, study, claims)))}"
    yield f"## Figures\n\n{_lines(list(_figures(folder, study)))}"
    yield sensitivity_part(pd.read_csv(folder / "paper" / "sensitivity.csv"))
    yield from _seeds(pd.read_csv(folder / "families.csv", keep_default_na=False))
    subpixels = study_parameters(root, study).tables.subpixels
    yield f"Noise there is on {subpixels} values, occlusion black at the full budget."


def _tables(folder: Path, study: str, claims: pd.DataFrame) -> Iterator[str]:
    for item in ITEMS:
        table = pd.read_csv(folder / "paper" / f"{item.id}.csv")
        command = f"snakemake --cores 8 results/{study}/paper/{item.id}.csv"
        both = table[table["paper"].notna()]
        numbers = "; ".join(
            f"{_about(row)}: {row['paper']:g} against {row['here']:.3f}" for row in records(both.astype(object))
        )
        said = f" Paper against here: {numbers}." if numbers else ""
        file = ", ".join(f"[{item.id}.{kind}](results/{study}/paper/{item.id}.{kind})" for kind in ("csv", "svg"))
        yield f"{item.place}, {item.title}: {file}, by `{command}`. {agreement(item.id, table, claims)}{said}"


def _seeds(families: pd.DataFrame) -> Iterator[str]:
    """Mean ± standard deviation over training seeds, where a family has several: claims on training rest on these."""
    if families["models"].max() < 2:
        return
    table = families[families["method"].isin(["", METHOD])]
    names = list(dict.fromkeys(table["family"]))
    lines = []
    for (measure, setting), rows in table.groupby(["measure", "setting"], sort=False):
        cells = {row["family"]: f"{float(row['mean']):.3f} ± {float(row['sd']):.3f}" for row in records(rows)}
        lines.append((f"{measure} {setting}".strip(), *(cells.get(name, "") for name in names)))
    seeds = int(families["models"].max())
    yield f"## Over {seeds} training seeds\n\n{markdown_table(('measure', *names), lines)}"


def _about(row: Mapping[str, Any]) -> str:
    """What a number is of: model, colour or kind of noise with its budget, or the measure."""
    names = (
        ("model", "setting", "count", "radius") if row["measure"] == "error_rate" else ("model", "setting", "measure")
    )
    told = (row[name] for name in names if not pd.isna(row[name]))
    return " ".join(cell if isinstance(cell, str) else f"{cell:g}" for cell in told)


def _figures(folder: Path, study: str) -> Iterator[str]:
    words = json.loads((folder / "figures" / "captions.json").read_text(encoding="utf-8"))
    for place, (shown, name) in FIGURES.items():
        if name not in words:
            raise InputError(f"{folder / 'figures' / 'captions.json'} has no figure '{name}': run the stage 'figures'")
        command = f"snakemake --cores 8 results/{study}/figures/{name}.svg"
        file = f"[{name}.svg](results/{study}/figures/{name}.svg)"
        yield f"{place}, {shown}: {file}, by `{command}`. {words[name]['title'].rstrip('.')}."


def _numbers(root: Path) -> pd.DataFrame:
    return pd.read_csv(root / "data/paper/numbers.csv", usecols=list(COLUMNS), dtype=str, keep_default_na=False)


def _contradictions(root: Path) -> str:
    """Numbers whose note names what in the paper speaks against them."""
    table = _numbers(root)
    chosen = table[table["note"].str.contains("contradicts|should be|gini_global says", regex=True)]
    lines = [f"{row['place']}, `{row['id']}`: {row['value']}; {row['note']}" for row in records(chosen)]
    return f"# Where the paper's numbers disagree with each other\n\n{_lines(lines)}"


def _lost(root: Path) -> str:
    table = _numbers(root)
    lost = table[table["source"] == LOST]
    lines = [f"{row['place']}: {row['note']}" for row in records(lost)]
    return f"# Not in the text\n\n{_lines(lines)}"


def _lines(lines: list[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
