"""Stages that make data, models, and the sample that all models classify correctly."""

from __future__ import annotations

from ineq.config.schema import Train
from ineq.pipeline.stage import NETWORK, RUNTIME, Stage

CARDS = "models/{study}/{model}"
SCHEDULE = tuple(f"train.{name}" for name in Train.model_fields if name != "models")
# Pruning has its own length and rate, and starts at the full budget.
TUNING = tuple(key for key in SCHEDULE if key.split(".")[1] not in ("epochs", "learning_rate", "ramp_epochs"))

STAGES = (
    Stage(
        "data",
        "Read the images and labels of the data set, and split them into training and test images.",
        (),
        "data",
        {},
        {"data": "data.h5"},
        ("data.name", "data.path", "data.shape", "data.resize", "data.held_out", "data.seed"),
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
        "convert",
        "Take the weights out of a third party's checkpoint, without running anything that is in it.",
        ("model",),
        "models",
        {},
        {"checkpoint": "checkpoint.safetensors", "log": "training.csv"},
        (),
        (*NETWORK, "origin.sha256"),
        given={"checkpoint": f"{CARDS}.ckpt"},
        listed="convert.models",
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
)
