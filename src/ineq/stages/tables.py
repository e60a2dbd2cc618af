"""The tables and the headline numbers over all models."""

from __future__ import annotations

from ineq.attacks.names import BUDGET
from ineq.planning.stage import Output, Stage, columns, document
from ineq.runtime.run import Run

HEADLINE = columns(
    "headline", "any", "whether it has a headline budget: `tables.subpixels` noisy values, or the largest occlusions"
)
TABLES = {
    "models": Output(
        "models.csv",
        columns("model, title, family, norm", "any", "from the study and the card"),
        columns(
            "series",
            "any",
            "whether it differs from the study's first model by nothing but ε of l∞ training and the seed",
        ),
        columns(
            "reference", "any", "first of its architecture with standard training; empty for itself, and without one"
        ),
        columns("epsilon, accuracy", "float", "training budget in pixel values; share of the split's images right"),
        columns("claimed", "float", "accuracy on the same images by the card's `origin`; empty for a model made here"),
        columns(
            "images, sampled, evaluated",
            "int",
            "images of the split; of the sample; of those that this model gets right",
        ),
        columns("margin", "float", "mean margin (logits) of the evaluated images, without attack"),
    ),
    "gini": Output(
        "gini.csv",
        columns("model, method, measure", "any", "a measure of `inequality.csv`"),
        columns(
            "mean, sd, low, high",
            "float",
            "mean and standard deviation over images; 95 % bootstrap interval of the mean over images",
        ),
        columns("images", "int", "images"),
    ),
    "controls": Output(
        "controls.csv",
        columns("control, architecture, method, measure", "any", "as in `controls/controls.csv`"),
        columns("mean, sd, low, high", "float", "as in `gini.csv`"),
        columns("images", "int", "images"),
    ),
    "attacks": Output(
        "attacks.csv",
        columns(
            "model, method", "any", "whose map, by which method, says where the most and least important places are"
        ),
        columns("attack, setting", "any", "`noise`, `occlusion` or a plug-in's; kind of noise, colour of squares"),
        columns(
            ", ".join(BUDGET),
            "float",
            "budget, whole numbers: noisy values; squares and their radius; empty for an attack without that axis. A "
            "plug-in's axes are further columns",
        ),
        columns("where", "any", "places attacked: `important`, `random` or `least`"),
        columns(
            "criterion",
            "any",
            "success criterion: `any` try up to the budget, `literal` (Algorithm 1 as written), `fixed` (just it)",
        ),
        columns(
            "error_rate, sd",
            "float",
            "share of evaluated images whose prediction changes; standard deviation over draws, empty for one draw",
        ),
        columns("draws, images", "int", "draws averaged; evaluated images"),
        columns(
            "covered, unchanged",
            "float",
            "of the budget itself: mean share of values attacked; share of evaluated images on which it changes none",
        ),
        columns("headline", "any", "whether budget and criterion are the headline's"),
    ),
    "contrasts": Output(
        "contrasts.csv",
        columns(
            "model, method, attack, setting", "any", "any attack, by its headline's criterion; kind of noise, colour, …"
        ),
        columns("subpixels, count, radius", "float", "budget, whole numbers; empty for other attacks"),
        columns(
            "guided, random, difference, low, high",
            "float",
            "error rate on the most important and on random places; their difference, paired "
            "by image, with its 95 % bootstrap interval over images",
        ),
        columns("images", "int", "evaluated images"),
        HEADLINE,
    ),
    "pairs": Output(
        "pairs.csv",
        columns(
            "model, against, method, attack, setting",
            "any",
            "a model and its `reference` in `models.csv`; as in `contrasts.csv`",
        ),
        columns("subpixels, count, radius", "float", "as in `contrasts.csv`"),
        columns(
            "only_model, only_against, images",
            "int",
            "images on which the guided attack (noise: its first repeat) succeeds on the one "
            "only; images that both get right without attack",
        ),
        columns(
            "p, p_holm",
            "float",
            "exact McNemar test, two-sided; Holm's correction over the table. Of two "
            "checkpoints, not of two ways of training",
        ),
        HEADLINE,
    ),
    "verdict": Output(
        "verdict.csv",
        columns(
            "model, against",
            "any",
            "a model of `audit.models`, and the one that it is held against: another of the "
            'study; for `gini_…` also "untrained", a network of its architecture; empty where '
            "there is none. No rows without an audit",
        ),
        columns(
            "method, measure",
            "any",
            "`gini_global`, `gini_regional`, `error_rate` under the guided attack, or "
            "`gain`: that minus the random control's",
        ),
        columns(
            "attack, setting, subpixels, count, radius",
            "any",
            "as in `contrasts.csv`; noise at `tables.subpixels` only; empty for `gini_…`",
        ),
        columns("value, low, high", "float", "the model's mean over `images`, with its 95 % interval"),
        columns(
            "reference, difference, difference_low, difference_high",
            "float",
            "the other's mean over the same images, and the model's minus it, image by image; empty without one",
        ),
        columns("images", "int", "images that both have an outcome on"),
        columns("conclusion", "any", "`higher`, `lower` or `not clearly different`, by the interval of the difference"),
    ),
    "families": Output(
        "families.csv",
        columns(
            "family, method, measure, setting",
            "any",
            "`accuracy` and `margin` (no method), a measure of `gini.csv`, or `noise_…` and "
            "`occlusion_…` with `guided`, `random`, `difference` of `contrasts.csv` at "
            "`tables.subpixels` and the full budget; kind or colour",
        ),
        columns("mean, sd", "float", "over the family's models, that is over training seeds; no `sd` of one model"),
        columns("models", "int", "models of the family"),
    ),
    "robustness": Output(
        "robustness.csv",
        columns(
            "model, budget, norm, attack",
            "any",
            "`common` or `own` budget, as in `robustness/<model>/robustness.csv`; `clean` "
            "(none), `pgd` or `autoattack`",
        ),
        columns(
            "epsilon, accuracy, low, high",
            "float",
            "budget in pixel values; share of the subset's images right; its 95 % interval of Wilson",
        ),
        columns("images", "int", "images of the subset"),
        columns(
            "consistent",
            "any",
            "whether AutoAttack ≤ PGD ≤ clean for this model and budget; `False`: an attack "
            "has missed what a weaker one found",
        ),
    ),
}
"""By name."""
SHOWN = ("models", "gini", "controls", "attacks", "verdict")
"""Tables that pictures are made of."""

STAGE = Stage(
    name="tables",
    summary="Draw up the tables and the headline numbers.",
    folder="tables",
    inputs={
        "sample": "sample.sample",
        "predictions": "predict.predictions",
        "inequality": "inequality.inequality",
        "controls": "controls.controls",
        "attacks": "attack.outcome",
        "random_attacks": "random_attack.outcome",
        "robustness": "robustness.robustness",
    },
    outputs={
        **TABLES,
        "summary": Output("summary.md", document("text", "the headline as Markdown")),
        "metrics": Output("metrics.json", document("JSON", "headline numbers by model and method, for `dvc metrics`")),
    },
    parameters=("models", "maps", "audit", "tables"),
    card=("title", "family", "architecture", "train", "pruning", "origin.accuracy"),
    metrics=("metrics",),
)


def main(run: Run) -> None:
    """Read every per-image result that the study lists, and write the tables."""
    from dataclasses import replace

    from ineq.analysis.build import build_tables
    from ineq.analysis.metrics import headline
    from ineq.analysis.read import read_results
    from ineq.analysis.rows import Settings
    from ineq.io.tables import write_table
    from ineq.io.text import write_json
    from ineq.report.summary import markdown

    results = read_results(run.inputs, run.cards)
    settings = Settings(**run.section("tables"))
    tables = build_tables(results, settings, run["audit.models"])
    for name, table in tables.items():
        write_table(run.outputs[name], table)
    study = replace(results, tables=tables)
    write_json(run.outputs["metrics"], headline(study))
    summary = markdown(study, results.sample, settings)
    run.outputs["summary"].write_text(summary, encoding="utf-8")
