"""The README's answer in five lines: what holds, what does not hold, and what is undecided."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from published import Published, published
from templating import render

from ineq.attribution.names import METHOD
from ineq.paper.names import VERDICTS
from ineq.statistics.conclusions import CONCLUSIONS

STANDING: dict[str, str] = dict(zip(VERDICTS, ("Holds", "Does not hold", "Undecided", "Not tested"), strict=True))
GINI, NOISE = "gini-rises-with-epsilon", "noise-type-2"
GAIN = "gain-matters-more"
OCCLUSION = {color: f"occlusion-{color}" for color in ("black", "gray", "white")}


def answer(root: Path = Path(".")) -> str:
    """Five list items."""
    studies = published(root)
    return render(
        "answer.md.j2",
        studies=[_numbers(study) for study in studies],
        gini=_standing(study.claims[GINI]["verdict"] for study in studies),
        noise=_standing(study.claims[NOISE]["verdict"] for study in studies),
        occlusion=_standing(study.claims[claim]["verdict"] for study in studies for claim in OCCLUSION.values()),
        gain=_standing(study.claims[GAIN]["verdict"] for study in studies),
    ).rstrip()


def _standing(verdicts: Iterable[str]) -> str:
    """One word for the verdicts of all studies; where they differ, nothing is decided."""
    tested = set(verdicts) - {VERDICTS[-1]}
    return STANDING[tested.pop()] if len(tested) == 1 else STANDING["undecided"] if tested else STANDING[VERDICTS[-1]]


def _numbers(study: Published) -> dict[str, Any]:
    gains = study.gains()
    replacing = next(gain for gain in gains if gain.setting == "replace")
    answers = [gain.answer for gain in gains]
    accuracies = study.models["accuracy"]
    return {
        "title": study.title,
        "models": len(study.models),
        "seeds": study.seeds,
        "accuracy": (accuracies.min(), accuracies.max()),
        "autoattack": _autoattack(study),
        "standard": study.standard,
        "robust": study.robust,
        "gini": [study.gini(model) for model in (study.standard, study.robust)],
        "untrained": study.control("untrained"),
        "noise": [rates[0] for rates in replacing.rates],
        "p": _noise_p(study),
        "squares": [
            {
                "setting": gain.setting,
                "rates": gain.rates,
                "verdict": study.claims[OCCLUSION[gain.setting]]["verdict"],
            }
            for gain in gains
            if gain.setting in OCCLUSION
        ],
        "gains": len(gains),
        "above_zero": sum(gain.robust.low > 0 for gain in gains),
        "largest": max(gains, key=lambda gain: gain.robust.mean),
        "counts": {answer: answers.count(answer) for answer in CONCLUSIONS},
    }


def _autoattack(study: Published) -> dict[str, Any]:
    """The most robust model's accuracy under AutoAttack at the budget common to all models."""
    table = study.table("robustness")
    (row,) = table[
        (table["model"] == study.robust) & (table["budget"] == "common") & (table["attack"] == "autoattack")
    ].to_dict("records")
    return {str(key): value for key, value in row.items()}


def _noise_p(study: Published) -> float:
    """The corrected p-value of the two models' error rates under replacing noise at the headline budget."""
    table = study.table("pairs")
    replacing = (table["model"] == study.robust) & (table["method"] == METHOD) & (table["setting"] == "replace")
    return float(table[replacing & (table["subpixels"] == study.results.noise_budget)]["p_holm"].iloc[0])
