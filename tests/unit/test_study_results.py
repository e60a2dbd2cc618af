"""What a study's models, methods and budgets are to each other: one answer, for whoever asks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from findings import METHOD, findings
from paper_study import CARDS, contrasts, found
from small_results import SETTINGS, by, card_of

from ineq.analysis.build import build_tables
from ineq.analysis.results import Results
from ineq.analysis.study_results import StudyResults
from ineq.paper.claims_attacks import l2_occlusion
from ineq.paper.numbers import Numbers

DENSE: dict[str, Any] = {"architecture": {"name": "densenet"}}
PRUNED: dict[str, Any] = {"pruning": {"kind": "weights", "amount": 0.5}}
TWO_ARCHITECTURES = {
    "pruned": card_of("pruned", "none", 0.0, **PRUNED),
    "s-1": card_of("s", "none", 0.0),
    "s-0": card_of("s", "none", 0.0),
    "m": card_of("m", "linf", 0.1),
    "dense": card_of("dense", "none", 0.0, **DENSE),
    "dense-linf": card_of("dense-linf", "linf", 0.1, **DENSE),
    "lone": card_of("lone", "linf", 0.1, architecture={"name": "lone"}),
}


def test_the_reference_is_the_first_standard_model_of_the_same_architecture() -> None:
    study = StudyResults(TWO_ARCHITECTURES, {})
    references = {model: study.reference_of(model) for model in study.cards}
    resnets = {"pruned": "s-1", "s-1": None, "s-0": "s-1", "m": "s-1"}
    assert references == {**resnets, "dense": None, "dense-linf": "dense", "lone": None}
    assert (study.standard, study.robust, study.main) == ("s-1", "m", ["s-1", "m"])


def test_tables_compare_a_model_with_the_reference_of_its_architecture(two: Results) -> None:
    """A DenseNet was compared with the study's first standard model, a ResNet, before."""
    study: dict[str, Any] = {"cards": {**two.cards, "dense": TWO_ARCHITECTURES["dense"]}}
    study["cards"] |= {"m": TWO_ARCHITECTURES["dense-linf"], "t": two.cards["s"]}
    for name in ("attacks", "inequality"):
        results = getattr(two, name)
        study[name] = {"t/ig": results["s/ig"], **results, "dense/ig": results["s/ig"]}
    study["predictions"] = dict.fromkeys(study["cards"], two.predictions["m"])
    tables = build_tables(replace(two, **study), SETTINGS, ["m"])
    pairs = by(tables["pairs"], "model")["against"]
    assert set(pairs["m"]) == {"dense"} and set(pairs["t"]) == {"s"} and set(pairs.index) == {"m", "t"}
    assert by(tables["models"], "model")["reference"].to_dict() == {"m": "dense", "s": "", "dense": "", "t": "s"}
    # The verdict names the same model first, though others stand before it in the study.
    assert tables["verdict"]["against"].iloc[0] == "dense"


def test_evidence_names_the_model_that_a_pair_is_against() -> None:
    """It named the study's standard model before, whatever stood in `against`."""
    study = found()
    pairs = study.tables["pairs"].assign(against="another")
    other = replace(study, tables={**study.tables, "pairs": pairs})
    assert "error rate against standard's: " in l2_occlusion(study, Numbers()).evidence
    assert "error rate against another's: " in l2_occlusion(other, Numbers()).evidence


def test_of_several_seeds_figures_and_claims_show_the_same() -> None:
    """Figures took the last seed of the largest ε before, claims the first."""
    study = findings((0.0, 0.1, 0.3))
    cards = {**study.cards, "linf-0.1": study.cards["linf-0.3"]}
    models = study.tables["models"].assign(epsilon=[0.0, 0.3, 0.3])
    seeds = replace(study, cards=cards, tables={**study.tables, "models": models})
    assert seeds.pair == [seeds.standard, seeds.robust] == ["standard", "linf-0.1"]


def test_models_under_audit_take_the_robust_ones_place() -> None:
    study = findings()
    audit = pd.DataFrame({"model": ["linf-0.1"]})
    assert replace(study, tables={**study.tables, "verdict": audit}).pair == ["standard", "linf-0.1"]


@pytest.mark.parametrize(
    ("methods", "headline"),
    [(["other", "other", METHOD], METHOD), (["other", "second", "second"], "second"), (["first", "second"], "first")],
)
def test_the_headlines_method_is_the_papers_where_there_is_one(methods: list[str], headline: str) -> None:
    """Figures showed the method of most models before, and claims the paper's."""
    gini = pd.DataFrame({"model": [str(i) for i in range(len(methods))], "method": methods})
    assert StudyResults({}, {"gini": gini}).method == headline


def test_headline_budgets_are_one_of_noise_and_the_full_one_of_occlusions() -> None:
    table = contrasts({"standard": 0.3})
    study = StudyResults(CARDS, {"contrasts": table})
    assert study.noise_budget == 102 and study.occlusion_budgets == [(10, 4), (5, 2)]
    assert set(study.headline("contrasts")["count"].dropna()) == {10} and len(study.headline("contrasts")) == 5


def test_budgets_are_the_settings_where_an_attack_has_their_axes() -> None:
    cells = [{"count": 2, "radius": 1}, {"count": 3, "radius": 2}, {"count": 9, "radius": 1}]
    settings = replace(SETTINGS, subpixels=4, budgets=cells)
    squares = {"count": [1, 2, 3], "radius": [1, 2]}
    assert settings.compared(squares) == [{"count": 3, "radius": 2}, {"count": 2, "radius": 1}]
    assert settings.outside(squares) == [{"count": 9, "radius": 1}]
    assert settings.compared({"subpixels": [2, 4, 8]}) == [{"subpixels": 4}]
    assert settings.compared({"side": [2, 4, 8]}) == [{"side": 8}] and settings.outside({"side": [2]}) == []
