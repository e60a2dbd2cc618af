"""Stages that make tables, figures and pages of what the others found."""

from __future__ import annotations

from ineq.config.card import Card
from ineq.config.schema import Parameters
from ineq.pipeline.stage import SPACE, Stage

FIGURES = ("gini", "lorenz", "maps", "noise", "surface", "examples", "fragility")
TABLES = (
    *("models", "gini", "controls", "noise", "occlusion", "contrasts", "pairs", "verdict", "families", "robustness"),
    "attacks",
)
SHOWN = ("models", "gini", "controls", "noise", "occlusion", "verdict")
"""Tables that pictures are made of."""
PAPER = ("table1", "table2", "table3", "table4", "table5", "table6", "table7", "table8", "a3", "a5", "a6")

STAGES = (
    Stage(
        "tables",
        "Draw up the tables and the headline numbers.",
        (),
        "tables",
        {
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
        {
            **{name: f"{name}.csv" for name in TABLES},
            "summary": "summary.md",
            "metrics": "metrics.json",
        },
        ("models", "maps", "audit", "tables"),
        ("title", "family", "architecture", "train", "pruning", "origin.accuracy"),
        metrics=("metrics",),
    ),
    Stage(
        "paper",
        "Set the paper's tables, numbers and claims beside what the study finds.",
        (),
        "paper",
        {
            **{name: f"tables.{name}" for name in ("models", "gini", "controls", "contrasts", "pairs", "robustness")},
            "classes": "sample.classes",
            "transfer": "transfer.transfer",
            "splits": "classes.classes",
            "occlusion": "tables.occlusion",
            "predictions": "predict.predictions",
            "sensitivity": "sensitivity.sensitivity",
            "checkpoints": "train.checkpoint",
        },
        {
            **{name: f"{name}.csv" for name in PAPER},
            **{f"{name}_{kind}": f"{name}.{kind}" for name in PAPER for kind in ("svg", "png")},
            "sensitivity": "sensitivity.csv",
            "claims": "claims.csv",
            "summary": "summary.md",
        },
        (
            *("models", "classes.models", "sensitivity.models", "paper"),
            *("tables.subpixels", "tables.seed", "tables.resamples"),
        ),
        ("architecture", "train", "pruning"),
        over={"train": "models", "predict": "sensitivity.models"},
        given={"numbers": "data/paper/numbers.csv", "listed_claims": "data/paper/claims.csv"},
    ),
    Stage(
        "figures",
        "Draw the figures, and say in words what they show.",
        (),
        "figures",
        {
            **{name: f"tables.{name}" for name in SHOWN},
            "sample": "sample.sample",
            "maps": "attribute.maps",
            "inequality": "inequality.inequality",
            "records": "occlusion.occlusion",
        },
        {
            **{name: f"{name}.svg" for name in FIGURES},
            **{f"{name}_png": f"{name}.png" for name in FIGURES},
            "captions": "captions.json",
        },
        ("inequality.region", "inequality.importance", "figures"),
        plots=tuple(f"{name}_png" for name in FIGURES),
    ),
    Stage(
        "gallery",
        "Show for some images every model's map, and the smallest attacks that break it.",
        (),
        "gallery",
        {
            **{name: f"tables.{name}" for name in SHOWN},
            "sample": "sample.sample",
            "maps": "attribute.maps",
            "inequality": "inequality.inequality",
            "records": "occlusion.occlusion",
            "noised": "noise.noise",
            "random": "random_occlusion.occlusion",
        },
        {"gallery": "gallery.json"},
        (
            *SPACE,
            *("inequality.region", "inequality.importance", "attack.seed", "attack.noise.clip", "gallery"),
        ),
    ),
    Stage(
        "report",
        "Put every table and figure, the parameters and the versions of packages on one page.",
        (),
        "report",
        {
            **{f"{name}_table": f"tables.{name}" for name in TABLES},
            **{f"{name}_table": f"paper.{name}" for name in (*PAPER, "claims", "sensitivity")},
            **{name: f"figures.{name}" for name in (*FIGURES, "captions")},
            "gallery": "gallery.gallery",
            # Of records only what they say of packages is shown.
            "trained": "train.record",
            "attributed": "attribute.record",
            "drawn": "figures.record",
        },
        {"report": "/report.html"},
        tuple(name for name in Parameters.model_fields if name != "study"),
        tuple(Card.model_fields),
        # Every model, whichever stage made it.
        over={"train": "models"},
    ),
)
