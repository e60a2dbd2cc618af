"""The study of an audit: a shipped one with a card more and less work, or its settings on images of one's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ineq.analysis.study_results import StudyResults
from ineq.attribution.names import METHOD
from ineq.auditing.classes import number_folders
from ineq.auditing.images import draw_images
from ineq.auditing.network import Looked, look_at
from ineq.auditing.request import Subject
from ineq.config.compose import compose, study_values
from ineq.config.loader import load_card, read_yaml
from ineq.config.makers import MAKERS
from ineq.errors import InputError
from ineq.model_audit.sizes import DRAWS, FULL, REPEATS, Effort, fewer, nearest_side, sizes_for

REFERENCES = 3
"""Models of the series beside which a model is held: its first, the one in the middle and its last."""
LISTS = ("robustness", "transfer", "classes", "sensitivity")
"""Stages that an audit leaves out: what they take is not minutes."""
STUDIES = {8: "digits", 32: "cifar10", 224: "imagenet"}
"""Studies by the side of their images: that of the nearest gives the settings for one's own images."""
UNKNOWN_SPACE = {"mean": (0.0,), "std": (1.0,)}
"""Of a model that nobody says to subtract and divide by anything."""


@dataclass(frozen=True)
class AuditRequest:
    """What is asked for: models, on a study's images and beside its series, or on a folder of images."""

    subjects: Sequence[Subject]
    size: int
    study: str = ""
    images: Path | None = None
    scale: int | None = None
    classes: str = ""
    """Which class each folder of images is: see `class_names`."""
    effort: Effort = FULL

    def __post_init__(self) -> None:
        """Raise `InputError` unless it is of either a study or images."""
        if bool(self.study) == bool(self.images):
            raise InputError("expected either --study NAME or --images FOLDER: what the model is evaluated on")
        if self.study and self.classes:
            raise InputError("--classes is given with --study, expected it with --images: a study has its own classes")

    @property
    def names(self) -> list[str]:
        """What the models are called: not as any reference."""
        names = [f"audited-{subject.name}" for subject in self.subjects]
        return [name if names.count(name) == 1 else f"{name}-{number}" for number, name in enumerate(names, start=1)]


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
    shape, classes = content["data"]["shape"], study.architectures[0]["classes"]
    # Maps and noise are drawn in the study's space, whatever a model's own is: so they can be compared.
    looked = look_at(request.subjects, shape, classes, {key: content["data"][key] for key in UNKNOWN_SPACE})
    if looked.classes != classes:
        path = request.subjects[0].checkpoint
        raise InputError(f"{path} has {looked.classes} classes, expected the {classes} of study '{request.study}'")
    cards_of = {model: read_yaml(root / "models" / request.study / f"{model}.yaml") for model in references}
    return _shortened(content, name, request, cards_of, looked)


def on_images(
    root: Path, folder: Path, name: str, request: AuditRequest, report: Callable[[str], object] = lambda line: None
) -> Contents:
    """The subjects alone, on a draw of one's own images, which is copied into `folder`.

    `report` gets what to say of where they are taken from.
    """
    assert request.images is not None
    target = folder / "images"
    shape, scale = draw_images(request.images, target, request.size, request.scale, report=report)
    folders = len(list((target / "test").iterdir()))
    looked = look_at(request.subjects, shape, folders, UNKNOWN_SPACE)
    number_folders(request.images, target, looked.classes, request.classes)
    sizes = sizes_for(shape)
    content = study_values(root, STUDIES[nearest_side(shape)])
    content["inequality"]["region"] = sizes.region
    content["attack"] |= {"radius": sizes.radius, "subpixels": [*sizes.subpixels]}
    content["tables"]["subpixels"] = sizes.headline
    content["data"] = {
        **{"name": "files" if scale else "folder", "path": "images", "shape": [*shape]},
        **{"resize": scale, "held_out": 0, "seed": 0, **looked.space},
    }
    content["paper"] = {"dataset": "none"}
    content["runtime"]["precision"] = "float32"  # as in memory; a study's own precision is for its own models
    return _shortened(content, name, request, {}, looked)


def _shortened(
    content: dict[str, Any],
    name: str,
    request: AuditRequest,
    references: dict[str, Any],
    looked: Looked,
) -> Contents:
    """The study with just these models, and as much work as minutes allow."""
    channels, names = content["data"]["shape"][0], request.names
    cards = dict(references)
    for model, subject, normalisation in zip(names, request.subjects, looked.normalisations, strict=True):
        cards[model] = subject.card(model, channels, looked.classes, **normalisation)
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
