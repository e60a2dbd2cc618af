"""The study of an audit: a shipped one with a card more and less work, or its settings on images of one's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ineq.analysis.study_results import StudyResults
from ineq.attribution.names import METHOD
from ineq.auditing.images import draw_images
from ineq.auditing.request import Subject, space
from ineq.config.compose import compose, study_values
from ineq.config.loader import load_card, read_yaml
from ineq.config.makers import MAKERS
from ineq.model_audit.sizes import DRAWS, FULL, REPEATS, Effort, fewer, nearest_side, sizes_for
from ineq.models.foreign_space import carried_normalisation, check_asked

REFERENCES = 3
"""Models of the series beside which a model is held: its first, the one in the middle and its last."""
LISTS = ("robustness", "transfer", "classes", "sensitivity")
"""Stages that an audit leaves out: what they take is not minutes."""
STUDIES = {8: "digits", 32: "cifar10", 224: "imagenet"}
"""Studies by the side of their images: that of the nearest gives the settings for one's own images."""
UNKNOWN_SPACE = {"mean": (0.0, 0.0, 0.0), "std": (1.0, 1.0, 1.0)}


@dataclass(frozen=True)
class AuditRequest:
    """What is asked for: models, on a study's images and beside its series, or on a folder of images."""

    subjects: Sequence[Subject]
    size: int
    study: str = ""
    images: Path | None = None
    scale: int | None = None
    space: Mapping[str, list[float] | None] | None = None
    effort: Effort = FULL

    @property
    def names(self) -> list[str]:
        """What the models are called: not as any reference."""
        names = [f"audited-{subject.name}" for subject in self.subjects]
        return [name if names.count(name) == 1 else f"{name}-{number}" for number, name in enumerate(names, start=1)]

    def normalisation(
        self, subject: Subject, channels: int, classes: int, otherwise: Mapping[str, Sequence[float]]
    ) -> dict[str, list[float]]:
        """What a model subtracts and divides by: as it is asked for, else as its checkpoint says, else this."""
        asked, network = self.space or {"mean": None, "std": None}, subject.network(channels, classes)
        if any(asked.values()):
            normalisation = space(asked, channels, otherwise)
            check_asked(subject.checkpoint, network, normalisation, "--mean or --std says")
            return normalisation
        mean, std = carried_normalisation(subject.checkpoint, network) or (otherwise["mean"], otherwise["std"])
        return {"mean": list(mean), "std": list(std)}


Contents = tuple[dict[str, Any], dict[str, dict[str, Any]]]
"""What stands in `params.yaml`, and on cards by model."""


def beside_series(root: Path, name: str, request: AuditRequest) -> Contents:
    """A study with the subjects beside `REFERENCES` of its series of l∞ training, on its own images."""
    content = compose(root, request.study)
    cards = {model: load_card(root, request.study, model).model_dump() for model in content["models"]}
    study = StudyResults(cards, {})
    references = study.main
    if len(references) > REFERENCES:
        references = [references[0], references[len(references) // 2], references[-1]]
    return _shortened(
        content,
        name,
        request,
        {model: read_yaml(root / "models" / request.study / f"{model}.yaml") for model in references},
        study.architectures[0]["classes"],
        content["data"],
    )


def on_images(root: Path, folder: Path, name: str, request: AuditRequest) -> Contents:
    """The subjects alone, on a draw of one's own images, which is copied into `folder`."""
    assert request.images is not None
    target = folder / "images"
    (channels, height, width), scale = draw_images(request.images, target, request.size, request.scale)
    sizes = sizes_for((channels, height, width))
    content = study_values(root, STUDIES[nearest_side((channels, height, width))])
    classes = len(list((target / "test").iterdir()))
    unknown = {key: list(values[:channels]) for key, values in UNKNOWN_SPACE.items()}
    content["inequality"]["region"] = sizes.region
    content["attack"] |= {"radius": sizes.radius, "subpixels": [*sizes.subpixels]}
    content["tables"]["subpixels"] = sizes.headline
    content["data"] = {
        **{"name": "files" if scale else "folder", "path": "images", "shape": [channels, height, width]},
        **{"resize": scale, "held_out": 0, "seed": 0, **unknown},
    }
    content["paper"] = {"dataset": "none"}
    content["runtime"]["precision"] = "float32"  # as in memory; a study's own precision is for its own models
    content, cards = _shortened(content, name, request, {}, classes, unknown)
    content["data"] |= cards[request.names[0]]["normalisation"]
    return content, cards


def _shortened(
    content: dict[str, Any],
    name: str,
    request: AuditRequest,
    references: dict[str, Any],
    classes: int,
    otherwise: Mapping[str, Sequence[float]],
) -> Contents:
    """The study with just these models, and as much work as minutes allow."""
    channels, names = content["data"]["shape"][0], request.names
    cards = dict(references)
    for model, subject in zip(names, request.subjects, strict=True):
        normalisation = request.normalisation(subject, channels, classes, otherwise)
        cards[model] = subject.card(model, channels, classes, **normalisation)
    for maker in MAKERS:
        content[maker]["models"] = [model for model in content[maker]["models"] if model in references]
    content["convert"]["models"] += names
    content |= {"study": name, "models": [*cards], "audit": {"models": names}}
    # References alone define the sample, so that a model under audit doesn't choose what it is evaluated on.
    content["sample"] |= {"size": request.size, "models": [*references] or names}
    content["maps"] = {method: [*cards] if method == METHOD else [] for method in content["maps"]}
    attack = content["attack"]
    attack |= {"images": request.size, "draws": DRAWS, "count": min(request.effort.squares, attack["count"])}
    attack |= {"least": False, "colors": [color for color in attack["colors"] if color in request.effort.colors]}
    attack["subpixels"] = fewer(attack["subpixels"], content["tables"]["subpixels"], request.effort.budgets)
    attack["noise"]["repeats"] = REPEATS
    content["transfer"] |= {"subpixels": attack["subpixels"][0], "budgets": []}
    content["tables"]["budgets"] = []
    for stage in LISTS:
        content[stage]["models"] = []
    return content, cards
