"""A valid change of every leaf of `params.yaml` and of cards, for tests that look what it reruns."""

from __future__ import annotations

from typing import Any, get_args

from engines import Changes, read_yaml, with_changes
from project import CHANGES, MODELS, ROOT

from ineq.config.describe import fields
from ineq.config.fields import leaves
from ineq.config.makers import MAKERS
from ineq.config.schema import Parameters

PARAMS, CARD = "params.yaml", "models/tiny/standard.yaml"
PRUNED, IMPORTED = "models/tiny/pruned.yaml", "models/tiny/imported.yaml"
TINY = dict(leaves(Parameters.model_validate(with_changes(read_yaml(ROOT / PARAMS), CHANGES))))
# Where the next number or one entry less would not be valid, or would leave no job to be planned.
CHOSEN: dict[str, Any] = {
    "data.shape": [1, 8, 16],
    "maps.integrated_gradients": ["standard"],
    "maps.input_x_gradient": list(MODELS),
    "maps.gradient_shap": list(MODELS),
    "maps.smoothgrad": ["standard"],
    "sample.models": list(MODELS),
    "inequality.region": 4,
    "robustness.models": list(MODELS),
    "transfer.models": ["standard"],
    "classes.models": list(MODELS),
    "sensitivity.models": ["standard"],
    "audit.models": ["linf-0.3"],
    "tables.subpixels": 2,
}
# Leaves that only make sense together with these.
TOGETHER = {"attribution.smoothgrad.": {"maps.smoothgrad": ["standard"]}}


CARD_LEAVES: dict[str, dict[str, Any]] = {
    "card.title": {"title": "another"},
    "card.family": {"family": "another"},
    "card.licence": {"licence": "another"},
    "card.weights": {"weights": None},
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


def other(field: Any, value: Any) -> Any:
    """Another value of a leaf: the other truth, the next word, the next number, half a fraction, one entry less."""
    words = [word for word in get_args(field.annotation) if isinstance(word, str)]
    if isinstance(value, bool):
        return not value
    if value is None:
        return 1
    if words:
        return words[(words.index(value) + 1) % len(words)]
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float):
        return value / 2 or 0.1
    return [half / 2 for half in value] if isinstance(value[0], float) else value[1:]


def changed(key: str, field: Any) -> dict[str, Any]:
    """A valid change of a leaf of the study `tiny`."""
    needed = next((also for start, also in TOGETHER.items() if key.startswith(start)), {})
    return needed | {key: CHOSEN[key] if key in CHOSEN else other(field, TINY[key])}


CASES: dict[str, Changes] = {
    key: {PARAMS: changed(key, field)}
    for key, field in fields(Parameters)
    if key not in {*NOT_HERE, "data.path", "prune.base"}
}
# What is pruned has to be like its base.
CASES |= {key: {CARD: value, PRUNED: value, IMPORTED: value} for key, value in CARD_LEAVES.items()}
CASES |= {key: {PRUNED: value} for key, value in PRUNED_LEAVES.items()}
CASES |= {key: {IMPORTED: value} for key, value in IMPORTED_LEAVES.items()}
CASES["data.path"] = {path: {"data.path": "README.md"} for path in (PARAMS, "studies/tiny.yaml")}
CASES["prune.base"] = {
    PARAMS: {"prune.base": "linf-0.3"},
    PRUNED: {"train.norm": "linf", "train.epsilon": 0.3, "train.steps": 2},
}
