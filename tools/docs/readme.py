"""The README's numbers: every table, sentence and picture that depends on data comes from `docs/results/<study>/`.

`ineq study publish` copies a run's small results there to be committed; `make generate` fills the README's marked
blocks from what is committed, so no number and no direction in them is written by hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from blocks import filled
from readme_cifar import cifar
from readme_claims import claims

from ineq.attribution.names import METHOD
from ineq.config.compose import study_parameters
from ineq.housekeeping.publish import PUBLISHED
from ineq.io.markdown import markdown_table
from ineq.paper.deviations import DEVIATIONS
from ineq.statistics.conclusions import CONCLUSIONS, Interval, direction
from ineq.tables.guidance import guidance

SHOWN = "digits"
CONTROLS = {"untrained": "untrained network", "input": "the images alone"}


def readme(root: Path = Path(".")) -> str:
    """The README with its marked blocks filled from the published results."""
    found = Published(root)
    blocks = {"picture": found.picture, "gini": found.gini, "attacks": found.attacks, "pictures": found.pictures}
    blocks |= {"cifar": lambda: cifar(root), "claims": lambda: claims(root), "deviations": _deviations}

    return filled(root / "README.md", blocks)


def _deviations() -> str:
    return markdown_table(("matter", "here"), list(DEVIATIONS))


def _moves(first: Interval, last: Interval) -> str:
    verbs = dict(zip(CONCLUSIONS, ("rises", "falls", "does not clearly change"), strict=True))
    return f"{verbs[direction(first, last)]} ({first.mean:.3f} to {last.mean:.3f})"


class Published:
    """The published results of study `digits`, as blocks of Markdown."""

    def __init__(self, root: Path):
        self.place = PUBLISHED.format(study=SHOWN)
        names = ("models", "gini", "controls", "contrasts")
        self.tables = {name: pd.read_csv(root / self.place / f"{name}.csv") for name in names}
        self.words = json.loads((root / self.place / "figures" / "captions.json").read_text(encoding="utf-8"))
        self.subpixels = study_parameters(root, SHOWN).tables.subpixels
        models = self.tables["models"].sort_values("epsilon", kind="stable")
        self.epsilon = dict(zip(models["model"], models["epsilon"], strict=True))
        self.standard, self.robust = models["model"].iloc[0], models["model"].iloc[-1]

    def picture(self) -> str:
        """The first picture."""
        return self._image("gini")

    def pictures(self) -> str:
        """The other pictures, each with its caption."""
        shown = ("noise", "surface", "maps")
        return "\n\n".join(f"{self._image(name)}\n\n{self.words[name]['caption']}" for name in shown)

    def _image(self, name: str) -> str:
        alt = self.words[name]["title"].replace("|", "")
        return f"![{alt}]({self.place}/figures/{name}.svg)"

    def gini(self) -> str:
        """Gini per model with its interval, the controls below, and in which direction ε moves it."""
        rows = [
            (f"{model}, ε = {epsilon:g}", *self._pair("gini", model=model)) for model, epsilon in self.epsilon.items()
        ]
        rows += [(title, *self._pair("controls", control=name)) for name, title in CONTROLS.items()]
        header = ("Integrated Gradients", "Gini of values [95 % interval]", "Gini of regions [95 % interval]")
        return markdown_table(header, rows) + "\n\n" + " ".join(self._gini_words())

    def _pair(self, table: str, **where: str) -> list[str]:
        ginis = [self._estimate(table, measure=measure, **where) for measure in ("gini_global", "gini_regional")]
        return [f"{gini.mean:.3f} [{gini.low:.3f}, {gini.high:.3f}]" for gini in ginis]

    def _estimate(self, table: str, **where: str) -> Interval:
        found = self.tables[table]
        for column, value in {"method": METHOD, **where}.items():
            found = found[found[column] == value]
        row = found.iloc[0]
        return Interval(row["mean"], row["low"], row["high"])

    def _gini_words(self) -> Iterator[str]:
        for measure, name in {"gini_global": "values", "gini_regional": "regions"}.items():
            models = (self.standard, self.robust)
            standard, robust = (self._estimate("gini", model=model, measure=measure) for model in models)
            untrained = self._estimate("controls", control="untrained", measure=measure)
            yield (
                f"From standard training to ε = {self.epsilon[self.robust]:g} the Gini of {name} "
                f"{_moves(standard, robust)}; from an untrained network to standard training it "
                f"{_moves(untrained, standard)}."
            )

    def attacks(self) -> str:
        """Guided against random at the headline budgets, for the standard and the most robust model."""
        pair = (self.standard, self.robust)
        header, rows, words = guidance(self.tables["contrasts"], METHOD, pair, self.subpixels)
        return f"{markdown_table(header, rows)}\n\n{words}"
