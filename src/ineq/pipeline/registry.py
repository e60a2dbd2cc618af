"""The stages: what each reads, writes and depends on. Pure Python, no torch; both engines take their jobs from here.

To add a stage: an entry here, a script `workflow/scripts/<stage>.py`, a rule `workflow/rules/<stage>.smk`, its line in
`docs/artefacts.md`; then `make generate` rewrites `dvc.yaml` and the documentation.
"""

from __future__ import annotations

from ineq.config.card import Card
from ineq.config.schema import Parameters, Train
from ineq.pipeline.stage import Stage

FIGURES = ("gini", "lorenz", "maps", "noise", "surface", "examples", "fragility")
TABLES = ("models", "gini", "controls", "noise", "occlusion", "contrasts", "pairs", "families", "robustness")
PAPER = ("table1", "table2", "table3", "table4", "table5", "table6", "table7", "table8", "a3", "a5", "a6")
METHODS = ("integrated_gradients", "input_x_gradient", "gradient_shap", "smoothgrad")


RUNTIME = ("runtime.threads", "runtime.batch_size")
SPACE = ("data.mean", "data.std")
NETWORK = ("architecture", "normalisation")

CARDS = "models/{study}/{model}"
SCHEDULE = tuple(f"train.{name}" for name in Train.model_fields if name != "models")
# Pruning has its own length and rate, and starts at the full budget.
TUNING = tuple(key for key in SCHEDULE if key.split(".")[1] not in ("epochs", "learning_rate", "ramp_epochs"))

STAGES: dict[str, Stage] = {
    stage.name: stage
    for stage in (
        Stage(
            "data",
            "Read the images and labels of the data set, and split them into training and test images.",
            (),
            "data",
            {},
            {"data": "data.h5"},
            ("data.name", "data.path", "data.shape", "data.held_out", "data.seed"),
            given={"source": "{data.path}"},
        ),
        Stage(
            "train",
            "Train a model as its card says.",
            ("model",),
            "models",
            {"data": "data.data"},
            {"checkpoint": "checkpoint.safetensors", "log": "training.csv"},
            ("runtime.threads", *SCHEDULE),
            (*NETWORK, "train"),
            listed="train.models",
        ),
        Stage(
            "import",
            "Check a model that comes as a file against its card, and take it over.",
            ("model",),
            "models",
            {},
            {"checkpoint": "checkpoint.safetensors", "log": "training.csv"},
            (),
            (*NETWORK, "origin.sha256"),
            given={"checkpoint": f"{CARDS}.safetensors", "log": f"{CARDS}.csv"},
            listed="imports.models",
            like="train",
        ),
        Stage(
            "prune",
            "Prune a trained model by l1-norm, and train it a little further.",
            ("model",),
            "models",
            {"data": "data.data", "base": "train.checkpoint@prune.base"},
            {"checkpoint": "checkpoint.safetensors", "log": "training.csv", "pruning": "pruning.csv"},
            ("runtime.threads", "prune.base", "prune.epochs", "prune.learning_rate", *TUNING),
            (*NETWORK, "train", "pruning"),
            listed="prune.models",
            like="train",
        ),
        Stage(
            "predict",
            "Predict every image of the evaluation split.",
            ("model",),
            "predict",
            {"data": "data.data", "checkpoint": "train.checkpoint"},
            {"predictions": "predictions.csv"},
            (*RUNTIME, "eval.split"),
            NETWORK,
        ),
        Stage(
            "sample",
            "Sample the images that all of `sample.models` classify correctly.",
            (),
            "sample",
            {"data": "data.data", "predictions": "predict.predictions"},
            {"sample": "sample.h5", "classes": "classes.csv"},
            ("eval.split", "sample"),
            over={"predict": "sample.models"},
        ),
        Stage(
            "attribute",
            "Attribute a model's decisions on the sample to the values of the images.",
            ("model", "method"),
            "attribute",
            {"sample": "sample.sample", "checkpoint": "train.checkpoint"},
            {"maps": "maps.h5"},
            (*RUNTIME, *SPACE, "attribution.seed", "attribution.{method}"),
            NETWORK,
        ),
        Stage(
            "inequality",
            "Measure global and regional Gini and sparsity of every attribution map.",
            ("model", "method"),
            "inequality",
            {"maps": "attribute.maps"},
            {"inequality": "inequality.csv"},
            ("inequality",),
        ),
        Stage(
            "controls",
            "Measure the same on untrained networks, and on the images alone.",
            (),
            "controls",
            {"sample": "sample.sample"},
            {"controls": "controls.csv"},
            (*RUNTIME, *SPACE, "models", "maps", "attribution", "inequality"),
            (*NETWORK, "train.seed"),
        ),
        Stage(
            "noise",
            "Put noise on the most important values, and on random and the least important ones.",
            ("model", "method"),
            "noise",
            {"sample": "sample.sample", "checkpoint": "train.checkpoint", "maps": "attribute.maps"},
            {"noise": "noise.h5"},
            (*RUNTIME, *SPACE, "attack.seed", "attack.images", "attack.draws", "attack.subpixels", "attack.noise"),
            NETWORK,
        ),
        Stage(
            "occlusion",
            "Occlude the most important regions, and random and the least important ones, at every budget.",
            ("model", "method"),
            "occlusion",
            {"sample": "sample.sample", "checkpoint": "train.checkpoint", "maps": "attribute.maps"},
            {"occlusion": "occlusion.h5"},
            (
                *RUNTIME,
                "inequality.region",
                "inequality.importance",
                "attack.seed",
                "attack.images",
                "attack.draws",
                "attack.count",
                "attack.radius",
                "attack.colors",
            ),
            NETWORK,
        ),
        Stage(
            "transfer",
            "Show images that were attacked on one model to another.",
            (),
            "transfer",
            {"sample": "sample.sample", "checkpoints": "train.checkpoint", "maps": "attribute.maps"},
            {"transfer": "transfer.csv"},
            (
                *RUNTIME,
                *SPACE,
                "inequality.region",
                "inequality.importance",
                "attack.seed",
                "attack.images",
                "attack.noise",
                "transfer",
                "maps",
            ),
            NETWORK,
            over={"train": "transfer.models", "attribute": "transfer.models"},
        ),
        Stage(
            "classes",
            "Measure Gini and sparsity of every image of the evaluation split, for comparing classes.",
            ("model",),
            "classes",
            {"data": "data.data", "checkpoint": "train.checkpoint", "predictions": "predict.predictions"},
            {"classes": "classes.csv"},
            (*RUNTIME, *SPACE, "eval.split", "attribution.seed", "attribution.integrated_gradients", "inequality"),
            NETWORK,
            listed="classes.models",
        ),
        Stage(
            "sensitivity",
            "Measure a model's headline numbers under every convention that the paper leaves open.",
            ("model",),
            "sensitivity",
            {"sample": "sample.sample", "checkpoint": "train.checkpoint"},
            {"sensitivity": "sensitivity.csv"},
            (
                *RUNTIME,
                *SPACE,
                "attribution.seed",
                "attribution.integrated_gradients",
                "attribution.smoothgrad",
                "inequality",
                "attack.seed",
                "attack.count",
                "attack.radius",
                "attack.noise",
                "tables.subpixels",
                "sensitivity.images",
            ),
            NETWORK,
            listed="sensitivity.models",
        ),
        # Of no model, so that all are attacked on the same images. It also makes sure that the folder of the next
        # stage is there in a study that attacks no model: DVC wants what a list depends on to exist.
        Stage(
            "subset",
            "Draw the images that robustness is measured on.",
            (),
            "robustness",
            {"data": "data.data"},
            {"images": "images.csv"},
            ("eval.split", "robustness.images", "robustness.seed"),
        ),
        Stage(
            "robustness",
            "Measure clean, PGD and AutoAttack accuracy at the common budget, and at the one a model was trained for.",
            ("model",),
            "robustness",
            {"data": "data.data", "images": "subset.images", "checkpoint": "train.checkpoint"},
            {"robustness": "robustness.csv"},
            (*RUNTIME, "eval.split", "robustness.epsilon", "robustness.steps", "robustness.seed"),
            (*NETWORK, "train.norm", "train.epsilon"),
            listed="robustness.models",
        ),
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
                "robustness": "robustness.robustness",
            },
            {
                **{name: f"{name}.csv" for name in TABLES},
                "summary": "summary.md",
                "metrics": "metrics.json",
            },
            ("models", "maps", "tables"),
            ("title", "family", "architecture", "train", "pruning", "origin.accuracy"),
            metrics=("metrics",),
        ),
        Stage(
            "paper",
            "Set the paper's tables, numbers and claims beside what the study finds.",
            (),
            "paper",
            {
                **{
                    name: f"tables.{name}"
                    for name in ("models", "gini", "controls", "contrasts", "pairs", "robustness")
                },
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
                **{name: f"tables.{name}" for name in ("models", "gini", "controls", "noise", "occlusion")},
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
            "report",
            "Put every table and figure, the parameters and the versions of packages on one page.",
            (),
            "report",
            {
                **{f"{name}_table": f"tables.{name}" for name in TABLES},
                **{f"{name}_table": f"paper.{name}" for name in ("claims", "sensitivity")},
                **{name: f"figures.{name}" for name in (*FIGURES, "captions")},
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
}


def source(reference: str) -> tuple[Stage, str]:
    """The stage and the output's name that an input `stage.output` or `stage.output@key` refers to."""
    name, output = reference.split("@")[0].split(".")
    return STAGES[name], output
