"""A valid change of every leaf of `params.yaml` and of cards, for tests that look what it reruns."""

from __future__ import annotations

from typing import Any

from engines import Changes

from ineq.config.makers import MAKERS

PARAMS, CARD = "params.yaml", "models/tiny/standard.yaml"
PRUNED, IMPORTED = "models/tiny/pruned.yaml", "models/tiny/imported.yaml"
# A valid change of every leaf. Two leaves that only make sense together are changed together.
LEAVES: dict[str, dict[str, Any]] = {
    "data.shape": {"data.shape": [1, 8, 16]},
    "data.held_out": {"data.held_out": 700},
    "data.seed": {"data.seed": 1},
    "data.mean": {"data.mean": [0.4]},
    "data.std": {"data.std": [0.4]},
    "maps.integrated_gradients": {"maps.integrated_gradients": ["standard"]},
    "maps.input_x_gradient": {"maps.input_x_gradient": ["standard", "linf-0.3"]},
    "maps.gradient_shap": {"maps.gradient_shap": ["standard", "linf-0.3"]},
    "maps.smoothgrad": {"maps.smoothgrad": ["standard"]},
    "runtime.threads": {"runtime.threads": 2},
    "runtime.batch_size": {"runtime.batch_size": 100},
    "runtime.gpu_batch_size": {"runtime.gpu_batch_size": 100},
    "runtime.precision": {"runtime.precision": "bfloat16"},
    "train.flip": {"train.flip": True},
    "train.crop": {"train.crop": 1},
    "train.precision": {"train.precision": "bfloat16"},
    "train.epochs": {"train.epochs": 4},
    "train.batch_size": {"train.batch_size": 32},
    "train.learning_rate": {"train.learning_rate": 0.05},
    "train.momentum": {"train.momentum": 0.8},
    "train.weight_decay": {"train.weight_decay": 0.001},
    "train.ramp_epochs": {"train.ramp_epochs": 2},
    "train.log_epsilon": {"train.log_epsilon": 0.2},
    "train.log_steps": {"train.log_steps": 2},
    "train.log_images": {"train.log_images": 30},
    "prune.epochs": {"prune.epochs": 2},
    "prune.learning_rate": {"prune.learning_rate": 0.01},
    "eval.split": {"eval.split": "train"},
    "sample.size": {"sample.size": 30},
    "sample.seed": {"sample.seed": 1},
    "sample.labels": {"sample.labels": "predicted"},
    "sample.models": {"sample.models": ["standard", "linf-0.3"]},
    "attribution.seed": {"attribution.seed": 1},
    "attribution.integrated_gradients.steps": {"attribution.integrated_gradients.steps": 5},
    "attribution.integrated_gradients.baseline": {"attribution.integrated_gradients.baseline": "zero"},
    "attribution.gradient_shap.samples": {"attribution.gradient_shap.samples": 3},
    "attribution.gradient_shap.stdev": {"attribution.gradient_shap.stdev": 0.02},
    "attribution.smoothgrad.images": {"maps.smoothgrad": ["standard"], "attribution.smoothgrad.images": 5},
    "attribution.smoothgrad.samples": {"maps.smoothgrad": ["standard"], "attribution.smoothgrad.samples": 2},
    "attribution.smoothgrad.stdev": {"maps.smoothgrad": ["standard"], "attribution.smoothgrad.stdev": 0.1},
    "attribution.smoothgrad.steps": {"maps.smoothgrad": ["standard"], "attribution.smoothgrad.steps": 2},
    "attribution.smoothgrad.base": {"maps.smoothgrad": ["standard"], "attribution.smoothgrad.base": "gradient"},
    "attribution.smoothgrad.type": {"maps.smoothgrad": ["standard"], "attribution.smoothgrad.type": "smoothgrad_sq"},
    "inequality.region": {"inequality.region": 4},
    "inequality.importance": {"inequality.importance": "absolute"},
    "inequality.tolerance": {"inequality.tolerance": 0.1},
    "attack.seed": {"attack.seed": 1},
    "attack.images": {"attack.images": 20},
    "attack.draws": {"attack.draws": 3},
    "attack.count": {"attack.count": 4},
    "attack.radius": {"attack.radius": 20},
    "attack.colors": {"attack.colors": ["black"]},
    "attack.subpixels": {"attack.subpixels": [2, 4, 8]},
    "attack.noise.repeats": {"attack.noise.repeats": 3},
    "attack.noise.clip": {"attack.noise.clip": False},
    "robustness.models": {"robustness.models": ["standard", "linf-0.3"]},
    "robustness.images": {"robustness.images": 9},
    "robustness.epsilon": {"robustness.epsilon": 0.2},
    "robustness.steps": {"robustness.steps": 3},
    "robustness.seed": {"robustness.seed": 1},
    "transfer.models": {"transfer.models": ["standard"]},
    "transfer.color": {"transfer.color": "gray"},
    "transfer.cells": {"transfer.cells": [{"count": 1, "radius": 1}]},
    "transfer.subpixels": {"transfer.subpixels": 8},
    "classes.models": {"classes.models": ["standard", "linf-0.3"]},
    "sensitivity.models": {"sensitivity.models": ["standard"]},
    "sensitivity.images": {"sensitivity.images": 10},
    "audit.models": {"audit.models": ["linf-0.3"]},
    "tables.subpixels": {"tables.subpixels": 2},
    "tables.cells": {"tables.cells": []},
    "tables.seed": {"tables.seed": 1},
    "tables.resamples": {"tables.resamples": 300},
    "paper.dataset": {"paper.dataset": "CIFAR-10"},
    "figures.images": {"figures.images": 2},
    "gallery.images": {"gallery.images": 3},
}
CARD_LEAVES: dict[str, dict[str, Any]] = {
    "card.title": {"title": "another"},
    "card.family": {"family": "another"},
    "card.licence": {"licence": "another"},
    "card.architecture.name": {"architecture.name": "resnet18"},
    "card.architecture.width": {"architecture.width": 8},
    "card.architecture.source": {"architecture.source": "0" * 64},
    "card.architecture.classes": {"architecture.classes": 11},
    "card.normalisation.mean": {"normalisation.mean": [0.5]},
    "card.normalisation.std": {"normalisation.std": [0.5]},
    "card.train.seed": {"train.seed": 1},
    "card.train.norm": {"train.norm": "linf", "train.epsilon": 0.1},
    "card.train.epsilon": {"train.norm": "linf", "train.epsilon": 0.2},
    "card.train.steps": {"train.steps": 3},
    "card.train.cutout": {"train.cutout": 2},
    "card.train.attack": {
        **{"train.attack": "n-fgsm", "train.steps": 1},
        **{"train.norm": "linf", "train.epsilon": 0.2},
    },
    "card.train.noise": {"train.noise": 0.5},
    "card.train.step_size": {"train.step_size": 0.5},
    "card.train.epochs": {"train.epochs": 4},
    "card.train.ema": {"train.ema": 0.9},
}
PRUNED_LEAVES: dict[str, dict[str, Any]] = {
    "card.pruning.kind": {"pruning.kind": "weights"},
    "card.pruning.amount": {"pruning.amount": 0.2},
}
IMPORTED_LEAVES: dict[str, dict[str, Any]] = {
    "card.origin.made": {"origin.made": "otherwise"},
    "card.origin.source": {"origin.source": "https://example.org/model"},
    "card.origin.sha256": {"origin.sha256": "0" * 64},
    "card.origin.accuracy": {"origin.accuracy": 0.5},
}
# What can't be tried: no second valid value yet, or seen elsewhere in a real run.
NOT_HERE = {
    "data.name": "there is one data set",
    "data.resize": "only `files` are resized: test_imagenet.py, test_index.py",
    "card.architecture.channels": "digits have one channel",
    "study": "test_another_study_is_everything",
    "models": "test_an_added_model_reruns_only_its_own_jobs_and_the_tables",
    **{f"{stage}.models": "as `models`" for stage in MAKERS},
    **{f"plugins.{key}": "test_plugins.py" for key in ("models", "methods", "attacks", "maps", "options")},
}
MADE = ("prune.", "card.pruning.", "card.origin.")
CASES: dict[str, Changes] = {key: {PARAMS: value} for key, value in LEAVES.items()}
# What is pruned has to be like its base.
CASES |= {key: {CARD: value, PRUNED: value, IMPORTED: value} for key, value in CARD_LEAVES.items()}
CASES |= {key: {PRUNED: value} for key, value in PRUNED_LEAVES.items()}
CASES |= {key: {IMPORTED: value} for key, value in IMPORTED_LEAVES.items()}
CASES["data.path"] = {path: {"data.path": "README.md"} for path in (PARAMS, "studies/tiny.yaml")}
CASES["prune.base"] = {
    PARAMS: {"prune.base": "linf-0.3"},
    PRUNED: {"train.norm": "linf", "train.epsilon": 0.3, "train.steps": 2},
}
