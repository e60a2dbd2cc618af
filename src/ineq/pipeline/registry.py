"""The stages: what each reads, writes and depends on. Pure Python, no torch; both engines take their jobs from here.

To add a stage: an entry here, a script `workflow/scripts/<stage>.py`, a rule `workflow/rules/<stage>.smk`, its line in
`docs/artefacts.md`; then `make generate` rewrites `dvc.yaml` and the documentation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ineq.config.schema import Card, Parameters, Train
from ineq.config.study import Study

RECORD = "record.json"
FIGURES = ("gini", "lorenz", "maps", "noise", "surface", "examples", "fragility")
TABLES = ("models", "gini", "controls", "noise", "occlusion", "contrasts", "pairs", "families", "robustness")
METHODS = ("integrated_gradients", "input_x_gradient", "gradient_shap", "smoothgrad")


@dataclass(frozen=True)
class Stage:
    """One stage. `inputs` name other stages' outputs as `stage.output`; several jobs of that stage make a fan-in.
    `stage.output@key` is that output for the model that the leaf `key` names, whatever the job's own model.

    `parameters` are dotted keys of `params.yaml` or whole sections, `{method}` stands for the job's method; `card` are
    sections of the model's card. `listed` is the leaf that lists its models; a fan-in goes over the models that its
    source lists, or over those of the leaf `over`. `given` are templates of files that no stage makes: with `{study}`,
    `{model}`, or a leaf's key as in `{data.path}`. `like` is the stage whose outputs it makes (and maybe more), for
    other models.
    """

    name: str
    summary: str
    axes: tuple[str, ...]
    folder: str
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    parameters: tuple[str, ...]
    card: tuple[str, ...] = ()
    over: str = ""
    given: Mapping[str, str] = field(default_factory=dict)
    listed: str = "models"
    like: str = ""
    metrics: tuple[str, ...] = field(default=())
    plots: tuple[str, ...] = field(default=())

    def path(self, file: str) -> str:
        """The template of one of its files: `results/{study}/<folder>[/{model}[/{method}]]/<file>`.

        One that begins with a slash lies right below `results/{study}`.
        """
        if file.startswith("/"):
            return f"results/{{study}}{file}"
        return "/".join(["results/{study}", self.folder, *(f"{{{axis}}}" for axis in self.axes), file])

    @property
    def files(self) -> dict[str, str]:
        """Every output's template by name, the record last."""
        return {name: self.path(file) for name, file in {**self.outputs, "record": RECORD}.items()}

    @property
    def command(self) -> str:
        """The command template: what both engines run, and what a person can run alone."""
        flags = "".join(f" --{axis} {{{axis}}}" for axis in self.axes)
        return f"python workflow/scripts/{self.name}.py{flags}"

    def fans_in(self, source: Stage) -> bool:
        """Whether one job of this stage reads several of `source`."""
        return not set(source.axes) <= set(self.axes)

    def goes_over(self, source: Stage) -> str:
        """The leaf whose models this stage reads of `source`, where it fans in."""
        return self.over or source.listed

    def keys(self, study: Study, method: str | None = None) -> list[str]:
        """The leaves of `params.yaml` that the stage uses."""
        wanted = [key.format(method=method or "*") for key in self.parameters]
        return [leaf for leaf in study.leaves if any(covers(key, leaf) for key in wanted)]


def covers(key: str, leaf: str) -> bool:
    """Whether a dotted key is a leaf or a section that the leaf is in; `*` stands for any name."""
    parts, of = key.split("."), leaf.split(".")
    return len(parts) <= len(of) and all(part in ("*", name) for part, name in zip(parts, of, strict=False))


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
            over="sample.models",
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
            ("title", "family", "architecture", "train", "origin.accuracy"),
            metrics=("metrics",),
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
            over="models",
        ),
    )
}


def source(reference: str) -> tuple[Stage, str]:
    """The stage and the output's name that an input `stage.output` or `stage.output@key` refers to."""
    name, output = reference.split("@")[0].split(".")
    return STAGES[name], output


def chosen(reference: str) -> str:
    """The leaf that names the model of an input `stage.output@key`; empty for the job's own model."""
    return reference.partition("@")[2]
