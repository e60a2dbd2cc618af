"""A study: checked parameters together with the cards of its models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

from ineq.errors import InputError, nearest, refuse_unknown
from ineq.extras import extra

# Engines and stages come to the configuration by this module: here they hear what is missing.
with extra("workflow", "the workflow"):
    from ineq.config.card import Card
    from ineq.config.compose import MODEL_LISTS, study_file
    from ineq.config.fields import leaves
    from ineq.config.loader import PARAMS, load_card, load_parameters, read_section
    from ineq.config.makers import check_makers
    from ineq.config.plugins import check_plugins
    from ineq.config.schema import Parameters
    from ineq.config.words import one_line


@dataclass(frozen=True)
class Study:
    """Parameters and cards that fit each other."""

    root: Path
    parameters: Parameters
    cards: Mapping[str, Card]

    @property
    def name(self) -> str:
        """Name of the study."""
        return self.parameters.study

    @cached_property
    def leaves(self) -> dict[str, Any]:
        """Every parameter by its dotted key."""
        return dict(leaves(self.parameters))

    def card_leaves(self, model: str) -> dict[str, Any]:
        """Every value of a model's card by its dotted key, under `card.`."""
        return dict(leaves(self.cards[model], "card."))

    def maps(self) -> list[tuple[str, str]]:
        """The (model, method) pairs of the study, those of plug-ins last."""
        return self.built_in_maps() + self.plugin_maps()

    def built_in_maps(self) -> list[tuple[str, str]]:
        """The (model, method) pairs of methods that no plug-in brings."""
        return [(model, method) for method, models in self.parameters.maps.model_dump().items() for model in models]

    def plugin_maps(self) -> list[tuple[str, str]]:
        """The (model, method) pairs of plug-in methods; in an order that their lists do not change."""
        plugins = self.parameters.plugins
        return sorted(product(plugins.models, plugins.methods))

    def plugin_attacks(self) -> list[tuple[str, str, str]]:
        """What plug-in attacks attack: (model, method, attack), in an order that their lists do not change."""
        plugins = self.parameters.plugins
        return sorted(product(plugins.models, plugins.maps, plugins.attacks))


def load_study(root: Path = Path(".")) -> Study:
    """Read `params.yaml` and the cards it names. Raises `InputError` where they don't fit together."""
    parameters = load_parameters(root / PARAMS)
    _check_study(root, parameters)
    cards = {model: load_card(root, parameters.study, model) for model in parameters.models}
    study = Study(root, parameters, cards)
    _check_models(study)
    _check_pruned(study)
    _check_budgets(study)
    check_plugins(study.parameters.plugins, study.maps())
    return study


def _check_study(root: Path, parameters: Parameters) -> None:
    """Refuse a `params.yaml` that mixes one study's name with another's data."""
    path = study_file(root, parameters.study)
    saved = read_section(path, "data")
    for key in ("name", "path"):
        found, wanted = getattr(parameters.data, key), saved.get(key)
        if found != wanted:
            raise InputError(
                f"params.yaml: data.{key} is '{found}', but study '{parameters.study}' has "
                f"'{one_line(str(wanted))}' in {path}: one study's name with another's data"
            )


def _check_models(study: Study) -> None:
    parameters = study.parameters
    check_makers(parameters, study.cards, "params.yaml")
    for key in MODEL_LISTS:
        for model in study.leaves[key]:
            if model not in parameters.models:
                hint = nearest(model, parameters.models)
                raise InputError(f"params.yaml: '{key}' names model '{model}', which is not one of `models`{hint}")
    channels = parameters.data.shape[0]
    for model, card in study.cards.items():
        for key, found in {
            "architecture.channels": card.architecture.channels,
            "normalisation.mean": len(card.normalisation.mean),
            "normalisation.std": len(card.normalisation.std),
        }.items():
            if found != channels:
                raise InputError(f"card '{model}': {key} has {found} channels, the images have {channels}")
        if (card.architecture.width is None) != ("." in card.architecture.name):
            found, of = (
                ("is missing", "this project's") if card.architecture.width is None else ("is given", "another's")
            )
            raise InputError(f"card '{model}': architecture.width {found}, and '{card.architecture.name}' is {of}")
        if (card.train.norm in ("none", "unknown")) != (card.train.epsilon == 0):
            raise InputError(f"card '{model}': train.norm '{card.train.norm}' with epsilon {card.train.epsilon:g}")
        if card.train.attack == "n-fgsm" and (card.train.norm, card.train.steps) != ("linf", 1):
            found = f"with norm '{card.train.norm}' and {card.train.steps} steps"
            raise InputError(f"card '{model}': train.attack 'n-fgsm' {found}: wanted 'linf' and 1")


def _check_pruned(study: Study) -> None:
    """A pruned model is its base with zeros: same network, and trained on in the same way."""
    pruned, base = study.parameters.prune.models, study.parameters.prune.base
    if not pruned:
        return
    refuse_unknown("model in 'prune.base'", base, study.parameters.models)
    if base in pruned:
        raise InputError(f"params.yaml: 'prune.base' is '{base}', which is pruned itself: wanted a model that is not")
    wanted = study.card_leaves(base)
    for model in pruned:
        found = study.card_leaves(model)
        for key in dict.fromkeys([*found, *wanted]):
            # For how long it is trained on is `prune.epochs`, whatever its base says of itself.
            shared = key.split(".")[1] in ("architecture", "normalisation", "train") and key != "card.train.epochs"
            if shared and found.get(key) != wanted.get(key):
                raise InputError(
                    f"card '{model}': {key.removeprefix('card.')} is {found.get(key)}, but '{base}', which it is "
                    f"pruned from, has {wanted.get(key)}"
                )


def _check_budgets(study: Study) -> None:
    """Budgets against the size of the images."""
    parameters = study.parameters
    channels, height, width = parameters.data.shape
    if parameters.data.resize and (parameters.data.name != "files" or parameters.data.resize < min(height, width)):
        wanted = f"0, or with data.name 'files' at least {min(height, width)}, the side that is cut out"
        raise InputError(f"params.yaml: 'data.resize' is {parameters.data.resize}: wanted {wanted}")
    region, attack = parameters.inequality.region, parameters.attack
    for key, values in {"data.mean": parameters.data.mean, "data.std": parameters.data.std}.items():
        if len(values) != channels:
            raise InputError(f"params.yaml: '{key}' has {len(values)} values, the images have {channels} channels")
    if height % region or width % region:
        raise InputError(
            f"params.yaml: 'inequality.region' is {region}, which does not divide images of {height}×{width}"
        )
    if attack.count > (regions := (height // region) * (width // region)):
        raise InputError(
            f"params.yaml: 'attack.count' is {attack.count}, but there are {regions} regions of {region}×{region}"
        )
    if attack.subpixels[-1] > (size := channels * height * width):
        raise InputError(f"params.yaml: 'attack.subpixels' asks for {attack.subpixels[-1]}, an image has {size} values")
    if parameters.transfer.subpixels > size:
        raise InputError(
            f"params.yaml: 'transfer.subpixels' asks for {parameters.transfer.subpixels}, an image has {size} values"
        )
    if parameters.tables.subpixels not in attack.subpixels:
        found, known = parameters.tables.subpixels, ", ".join(map(str, attack.subpixels))
        raise InputError(f"params.yaml: 'tables.subpixels' is {found}, wanted one of `attack.subpixels`: {known}")
