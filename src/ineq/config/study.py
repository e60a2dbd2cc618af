"""A study: checked parameters together with the cards of its models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

from ineq.errors import InputError
from ineq.extras import extra

# Engines and stages come to the configuration by this module: here they hear what is missing.
with extra("workflow", "the workflow"):
    from ineq.config.card import Card
    from ineq.config.compose import MODEL_LISTS, study_file
    from ineq.config.fields import leaves
    from ineq.config.loader import PARAMS, load_card, load_parameters, read_section
    from ineq.config.makers import check_makers, refuse_unlisted
    from ineq.config.options import ATTACKS, BUILT_IN
    from ineq.config.plugins import check_plugins
    from ineq.config.schema import Parameters
    from ineq.config.short_repr import one_line


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

    # Those of plug-ins come last, in an order that their lists do not change.

    def all_of(self, kind: str) -> list[str]:
        """Every "method" or "attack" of the study by its name, built-in ones first."""
        return [*BUILT_IN[kind], *sorted(getattr(self.parameters.plugins, f"{kind}s"))]

    def maps(self) -> list[tuple[str, str]]:
        """The (model, method) pairs of the study."""
        plugins, lists = self.parameters.plugins, self.parameters.maps.model_dump()
        built_in = [(model, method) for method, models in lists.items() for model in models]
        return built_in + sorted(product(plugins.models, plugins.methods))

    def attacks(self) -> list[tuple[str, str, str]]:
        """What is attacked: (model, method, attack)."""
        plugins = self.parameters.plugins
        built_in = [(*pair, attack) for pair in self.maps() for attack in ATTACKS]
        return built_in + sorted(product(plugins.models, plugins.maps, plugins.attacks))

    def random_attacks(self) -> list[tuple[str, str]]:
        """What is attacked on random places: (model, attack)."""
        plugins = self.parameters.plugins
        return [*product(self.parameters.models, ATTACKS), *sorted(product(plugins.models, plugins.attacks))]


def load_study(root: Path = Path(".")) -> Study:
    """Read `params.yaml` and the cards it names. Raises `InputError` where they don't fit together."""
    parameters = load_parameters(root / PARAMS)
    _check_study(root, parameters)
    return checked_study(root, parameters, PARAMS)


def checked_study(root: Path, parameters: Parameters, file: Path) -> Study:
    """Parameters, as `file` gives them, with their cards. Raises `InputError` where they don't fit together."""
    cards = {model: load_card(root, parameters.study, model) for model in parameters.models}
    study = Study(root, parameters, cards)
    _check_models(study, file)
    _check_pruned(study, file)
    _check_budgets(study, file)
    check_plugins(parameters.plugins, study.maps(), file)
    return study


def _check_study(root: Path, parameters: Parameters) -> None:
    """Refuse a `params.yaml` that mixes one study's name with another's data."""
    path = study_file(root, parameters.study)
    saved = read_section(path, "data")
    for key in ("name", "path"):
        value, expected = getattr(parameters.data, key), saved.get(key)
        if value != expected:
            raise InputError(
                f"params.yaml: data.{key} is '{value}', but study '{parameters.study}' has "
                f"'{one_line(str(expected))}' in {path}: one study's name with another's data"
            )


def _check_models(study: Study, file: Path) -> None:
    parameters = study.parameters
    check_makers(parameters, study.cards, file)
    for key in MODEL_LISTS:
        for model in study.leaves[key]:
            refuse_unlisted(model, key, parameters.models, file)
    channels = parameters.data.shape[0]
    for model, card in study.cards.items():
        for key, count in {
            "architecture.channels": card.architecture.channels,
            "normalisation.mean": len(card.normalisation.mean),
            "normalisation.std": len(card.normalisation.std),
        }.items():
            if count != channels:
                raise InputError(f"card '{model}': {key} has {count} channels, the images have {channels}")
        if (card.architecture.width is None) != ("." in card.architecture.name):
            state, owner = (
                ("is missing", "this project's") if card.architecture.width is None else ("is given", "another's")
            )
            raise InputError(f"card '{model}': architecture.width {state}, and '{card.architecture.name}' is {owner}")
        if (card.train.norm in ("none", "unknown")) != (card.train.epsilon == 0):
            raise InputError(f"card '{model}': train.norm '{card.train.norm}' with epsilon {card.train.epsilon:g}")
        if card.train.attack == "n-fgsm" and (card.train.norm, card.train.steps) != ("linf", 1):
            setting = f"with norm '{card.train.norm}' and {card.train.steps} steps"
            raise InputError(f"card '{model}': train.attack 'n-fgsm' {setting}, expected 'linf' and 1")


def _check_pruned(study: Study, file: Path) -> None:
    """A pruned model is its base with zeros: same network, and trained on in the same way."""
    pruned, base = study.parameters.prune.models, study.parameters.prune.base
    if not pruned:
        return
    refuse_unlisted(base, "prune.base", study.parameters.models, file)
    if base in pruned:
        raise InputError(f"{file}: 'prune.base' is '{base}', which is pruned itself, expected a model that is not")
    base_leaves = study.card_leaves(base)
    for model in pruned:
        pruned_leaves = study.card_leaves(model)
        for key in dict.fromkeys([*pruned_leaves, *base_leaves]):
            # For how long it is trained on is `prune.epochs`, whatever its base says of itself.
            shared = key.split(".")[1] in ("architecture", "normalisation", "train") and key != "card.train.epochs"
            if shared and pruned_leaves.get(key) != base_leaves.get(key):
                raise InputError(
                    f"card '{model}': {key.removeprefix('card.')} is {pruned_leaves.get(key)}, but '{base}', which it "
                    f"is pruned from, has {base_leaves.get(key)}"
                )


def _check_budgets(study: Study, file: Path) -> None:
    """Budgets against the size of the images."""
    parameters = study.parameters
    channels, height, width = parameters.data.shape
    if parameters.data.resize and (parameters.data.name != "files" or parameters.data.resize < min(height, width)):
        expected = f"0, or with data.name 'files' at least {min(height, width)}, the side that is cut out"
        raise InputError(f"{file}: 'data.resize' is {parameters.data.resize}, expected {expected}")
    region, attack = parameters.inequality.region, parameters.attack
    for key, values in {"data.mean": parameters.data.mean, "data.std": parameters.data.std}.items():
        if len(values) != channels:
            raise InputError(f"{file}: '{key}' has {len(values)} values, the images have {channels} channels")
    if height % region or width % region:
        raise InputError(f"{file}: 'inequality.region' is {region}, which does not divide images of {height}×{width}")
    if attack.count > (regions := (height // region) * (width // region)):
        raise InputError(
            f"{file}: 'attack.count' is {attack.count}, but there are {regions} regions of {region}×{region}"
        )
    if attack.subpixels[-1] > (size := channels * height * width):
        raise InputError(f"{file}: 'attack.subpixels' asks for {attack.subpixels[-1]}, an image has {size} values")
    if parameters.transfer.subpixels > size:
        raise InputError(
            f"{file}: 'transfer.subpixels' asks for {parameters.transfer.subpixels}, an image has {size} values"
        )
    if parameters.tables.subpixels not in attack.subpixels:
        subpixels, known = parameters.tables.subpixels, ", ".join(map(str, attack.subpixels))
        raise InputError(f"{file}: 'tables.subpixels' is {subpixels}, expected one of `attack.subpixels`: {known}")
