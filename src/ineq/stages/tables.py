"""The tables and the headline numbers over all models."""

from __future__ import annotations

from ineq.planning.stage import Output, Stage, columns, document
from ineq.runtime.run import Run

TABLES = {
    "models": Output(
        "models.csv",
        columns("model, title, family, norm", "any", "from the study and the card"),
        columns(
            "series",
            "any",
            "whether it differs from the study's first model by nothing but ε of l∞ training and the seed",
        ),
        columns("epsilon, accuracy", "float", "training budget in pixel values; share of the split's images right"),
        columns("claimed", "float", "accuracy on the same images by the card's `origin`; empty for a model made here"),
        columns(
            "images, sampled, judged", "int", "images of the split; of the sample; of those that this model gets right"
        ),
        columns("margin", "float", "mean margin (logits) of the judged images, untouched"),
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
    "noise": Output(
        "noise.csv",
        columns("model, method, kind, where", "any", "`additive` or `replace`; `important`, `random` or `least`"),
        columns("subpixels, draws, images", "int", "noisy values; repeats or draws averaged; judged images"),
        columns(
            "error_rate, sd", "float", "share of judged images whose prediction changes; standard deviation over draws"
        ),
    ),
    "occlusion": Output(
        "occlusion.csv",
        columns("model, method, color, where, reading", "any", "reading of the record: `any`, `literal` or `fixed`"),
        columns("count, radius, draws, images", "int", "budget; draws averaged; judged images"),
        columns("error_rate, sd", "float", "as for noise; no `sd` where nothing is drawn"),
        columns(
            "area, unchanged",
            "float",
            "of the fixed mask of that budget: mean share of pixels covered; share of judged "
            "images on which it changes no pixel",
        ),
    ),
    "contrasts": Output(
        "contrasts.csv",
        columns(
            "model, method, attack, setting", "any", "`noise` or `occlusion` (any success); kind of noise or colour"
        ),
        columns("subpixels, count, radius", "float", "budget, whole numbers; empty for the other attack"),
        columns(
            "guided, random, difference, low, high",
            "float",
            "error rate on the most important and on random places; their difference, paired "
            "by image, with its 95 % bootstrap interval over images",
        ),
        columns("images", "int", "judged images"),
    ),
    "pairs": Output(
        "pairs.csv",
        columns(
            "model, against, method, attack, setting",
            "any",
            "a model and the study's first with standard training; as in `contrasts.csv`",
        ),
        columns("subpixels, count, radius", "float", "as in `contrasts.csv`"),
        columns(
            "only_model, only_against, images",
            "int",
            "images on which the guided attack (noise: its first repeat) succeeds on the one "
            "only; images that both get right untouched",
        ),
        columns(
            "p, p_holm",
            "float",
            "exact McNemar test, two-sided; Holm's correction over the table. Of two "
            "checkpoints, not of two ways of training",
        ),
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
            "`guidance`: that minus the random twin's",
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
    "attacks": Output(
        "attacks.csv",
        columns(
            "model, method, attack",
            "any",
            "a plug-in attack, and by which method's maps it is guided; no row without plug-ins",
        ),
        columns("measure", "any", "error rate `guided`, `random` or `least`; `difference`: guided minus random"),
        columns(
            "mean, low, high",
            "float",
            "over judged images, with its 95 % bootstrap interval; the difference is paired by image",
        ),
        columns("draws, images", "int", "draws averaged; judged images"),
    ),
}
"""By name."""
SHOWN = ("models", "gini", "controls", "noise", "occlusion", "verdict")
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
        "noise": "noise.noise",
        "occlusion": "occlusion.occlusion",
        "random_occlusion": "random_occlusion.occlusion",
        "robustness": "robustness.robustness",
        "plugin_controls": "controls_plugin.controls",
        "attacks": "attack_plugin.attack",
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
    from ineq.io.tables import write_table
    from ineq.io.text import write_json
    from ineq.tables.build import build_tables
    from ineq.tables.metrics import headline
    from ineq.tables.read import read_results
    from ineq.tables.rows import Settings
    from ineq.tables.summary import markdown

    cards = {model: run.section(f"card.{model}") for model in run["models"]}
    results = read_results(run.inputs, cards)
    settings = Settings(**run.section("tables"))
    tables = build_tables(results, settings, run["audit.models"])
    for name, table in tables.items():
        write_table(run.outputs[name], table)
    write_json(run.outputs["metrics"], headline(tables, settings.subpixels))
    summary = markdown(tables, results.sample, settings)
    run.outputs["summary"].write_text(summary, encoding="utf-8")
