"""`docs/results.md`: what the published runs show, and how it stands to each table, figure and claim of the paper."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
from published import Published, published
from templating import epsilon, interval, points, render

from ineq.attribution.names import METHOD
from ineq.errors import InputError
from ineq.io.tables import records
from ineq.paper.agreement import counted
from ineq.paper.names import FIGURES, ITEMS, VERDICTS
from ineq.paper.numbers import COLUMNS, LOST
from ineq.statistics.conclusions import CONCLUSIONS, direction

CLOSE = 0.05
"""How far from the paper's Gini a number may lie before the page names it."""
MEASURES = {"gini_global": "global", "gini_regional": "regional"}
SHOWN = ("gini", "noise", "surface", "maps")


def results_page(root: Path = Path(".")) -> str:
    """The page over the published studies, and what is lost of the paper's numbers."""
    studies = published(root)
    numbers = pd.read_csv(root / "data/paper/numbers.csv", usecols=list(COLUMNS), dtype=str, keep_default_na=False)
    disputed = numbers["note"].str.contains("contradicts|should be|gini_global says", regex=True)
    return render(
        "results.md.j2",
        studies=[study_values(study) for study in studies],
        claims=_claims(studies),
        items=ITEMS,
        figures=_figures(studies),
        disputed=records(numbers[disputed]),
        lost=records(numbers[numbers["source"] == LOST]),
    )


def study_values(study: Published) -> dict[str, Any]:
    """What the page says of a study, as numbers and cells of tables."""
    return {
        "published": study,
        "counted": counted(pd.DataFrame(study.claims.values())),
        "claims": [claim for claim in study.claims.values() if claim["verdict"] != VERDICTS[-1]],
        **gini_values(study),
        "gains": study.gains(),
        "gain_cells": list(_gains(study)),
        "conclusions": CONCLUSIONS,
        "pictures": [(f"results/{study.study}/figures/{name}.svg", study.figures[name]) for name in SHOWN],
        "numbers": list(_paper_numbers(study)),
        "variants": _variants(study.table("paper/sensitivity")),
        "seeds": _seeds(study.table("families").astype(object).fillna("")),
    }


def gini_values(study: Published) -> dict[str, Any]:
    """A row for each model and control, how the Gini index moves with ε, and how far it is from the paper's."""
    paper = study.table("paper/table1")
    paper = paper[(paper["measure"] == "gini_global") & paper["paper"].notna()]
    paper_ginis = dict(zip(paper["model"], paper["paper"].astype(float), strict=True))
    means = {model: study.gini(model).mean for model in study.models["model"]}
    distances = {model: means[model] - value for model, value in paper_ginis.items()}
    return {
        "gini": [*_model_rows(study, paper_ginis), *_control_rows(study, 5 if paper_ginis else 3)],
        "moves": list(_moves(study)),
        "compared": bool(paper_ginis),
        "far": {model: distance for model, distance in distances.items() if abs(distance) > CLOSE},
        "close": CLOSE,
        "rises": all(
            direction(study.gini(low), study.gini(high)) == CONCLUSIONS[0]
            for low, high in itertools.pairwise(study.series)
        ),
    }


def _model_rows(study: Published, paper_ginis: dict[str, float]) -> Iterator[tuple[str, ...]]:
    robust = study.table("robustness")
    rates = {
        (row["model"], row["attack"]): f"{100 * row['accuracy']:.0f} %"
        for row in records(robust[robust["budget"] == "common"])
    }
    for about in records(study.models):
        model = about["model"]
        ginis = (interval(study.gini(model, measure)) for measure in MEASURES)
        attacked = (rates.get((model, attack), "–") for attack in ("pgd", "autoattack"))
        mean = study.gini(model).mean
        paper = (
            (f"{paper_ginis[model]:.2f}", f"{mean - paper_ginis[model]:+.3f}")
            if model in paper_ginis
            else ("not in it", "")
        )
        norm = "–" if about["norm"] == "none" else f"{about['norm'].replace('inf', '∞')}, {epsilon(about['epsilon'])}"
        yield model, norm, *ginis, *(paper if paper_ginis else ()), f"{100 * about['accuracy']:.1f} %", *attacked


def _control_rows(study: Published, empty: int) -> Iterator[tuple[str, ...]]:
    """A row a control, which ends with so many empty cells."""
    controls = {
        f"control: untrained {name}": {"control": "untrained", "architecture": name} for name in study.untrained()
    }
    for title, where in {**controls, "control: the images alone": {"control": "input"}}.items():
        ginis = (interval(study.control(measure=measure, **where)) for measure in MEASURES)
        yield title, "–", *ginis, *[""] * empty


def _moves(study: Published) -> Iterator[dict[str, Any]]:
    """Of each measure: standard, most robust and untrained, and in which direction ε and training move it."""
    for measure, name in MEASURES.items():
        standard, robust = (study.gini(model, measure) for model in (study.standard, study.robust))
        untrained = study.control("untrained", measure=measure)
        ends = {"epsilon": (standard, robust), "training": (untrained, standard)}
        yield {"name": name, **{what: (first, last, direction(first, last)) for what, (first, last) in ends.items()}}


def _gains(study: Published) -> Iterator[tuple[str, ...]]:
    for gain in study.gains():
        rates = [f"{100 * guided:.1f}, {100 * random:.1f}" for guided, random in gain.rates]
        yield gain.name, rates[0], points(gain.standard), rates[1], points(gain.robust), gain.answer


def _claims(studies: list[Published]) -> list[tuple[str, ...]]:
    """A row a claim, with its verdict in each study."""
    return [
        (claim["claim"], claim["place"], *(study.claims[name]["verdict"] for study in studies))
        for name, claim in studies[0].claims.items()
    ]


def _figures(studies: list[Published]) -> list[tuple[str, ...]]:
    """A row a figure of the paper, with the figure that answers it in each study."""
    for study in studies:
        if missing := {name for _, name in FIGURES.values()} - set(study.figures):
            captions = study.folder / "figures" / "captions.json"
            raise InputError(f"{captions} has no figure '{min(missing)}': run the stage 'figures'")
    files = "[{name}.svg](results/{study}/figures/{name}.svg)"
    return [
        (place, shown, *(files.format(name=name, study=study.study) for study in studies))
        for place, (shown, name) in FIGURES.items()
    ]


def _paper_numbers(study: Published) -> Iterator[tuple[str, ...]]:
    """Each number that the paper's text has and the study, too; those of several tables once, with the first."""
    listed = set()
    for item in ITEMS:
        table = study.table(f"paper/{item.id}")
        for row in records(table[table["paper"].notna()].astype(object)):
            attack = row["measure"] == "error_rate"
            names = ("setting", "count", "radius") if attack else ("setting", "measure")
            cells = (row[name] for name in names if not pd.isna(row[name]))
            model = "example vector" if pd.isna(row["model"]) else row["model"]
            what = (model, " ".join(cell if isinstance(cell, str) else f"{cell:g}" for cell in cells))
            if what not in listed:
                listed.add(what)
                yield *what, item.place, f"{row['paper']:g}", f"{row['here']:.3f}", f"{row['difference']:+.3f}"


def _variants(table: pd.DataFrame) -> dict[str, Any] | None:
    """A row each analysis variant, a column each statistic, and the conclusions that a variant changes."""
    if table.empty:
        return None
    cells = {
        (row["variant"], row["statistic"]): f"{row['difference']:+.3f} [{row['low']:+.3f}, {row['high']:+.3f}]"
        + " *" * bool(row["changes"])
        for row in records(table)
    }
    statistics, variants = (list(dict.fromkeys(table[name])) for name in ("statistic", "variant"))
    return {
        "statistics": statistics,
        "rows": [(name, *(cells.get((name, statistic), "") for statistic in statistics)) for name in variants],
        "changed": int(table["changes"].sum()),
        "of": len(cells),
    }


def _seeds(families: pd.DataFrame) -> dict[str, Any] | None:
    """Mean ± standard deviation over training seeds, where a family has several: claims on training rest on these."""
    seeds = int(families["models"].max())
    if seeds < 2:
        return None
    table = families[families["method"].isin(["", METHOD])]
    names = list(dict.fromkeys(table["family"]))
    rows = []
    for (measure, setting), group in table.groupby(["measure", "setting"], sort=False):
        cells = {row["family"]: f"{float(row['mean']):.3f} ± {float(row['sd']):.3f}" for row in records(group)}
        rows.append((f"{measure} {setting}".strip(), *(cells.get(name, "") for name in names)))
    return {"seeds": seeds, "families": names, "rows": rows}
