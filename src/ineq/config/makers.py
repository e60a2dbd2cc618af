"""Where a model's weights come from: the card says it, and `params.yaml` lists it for the engines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ineq.config.card import Card
from ineq.config.schema import Parameters
from ineq.errors import InputError, nearest


@dataclass(frozen=True)
class Maker:
    """A way to make a model: the card's word for it, and the section of a card that only this way needs."""

    weights: str
    section: str | None = None


MAKERS = {
    "train": Maker("train"),
    "imports": Maker("import", "origin"),
    "convert": Maker("convert", "origin"),
    "prune": Maker("prune", "pruning"),
}
"""By the section of `params.yaml` whose `models` lists what is made so."""


def lists_from_cards(cards: Mapping[str, Card]) -> dict[str, dict[str, list[str]]]:
    """The lists of `params.yaml`, nested as there, that the cards' `weights` ask for, in the order of the cards."""
    return {
        section: {"models": [model for model, card in cards.items() if card.weights == maker.weights]}
        for section, maker in MAKERS.items()
    }


def check_makers(parameters: Parameters, cards: Mapping[str, Card], file: object) -> None:
    """Raise `InputError` unless every model is made in exactly one way, and its card says what that way needs.

    `file` is named where the lists are wrong.
    """
    made = {f"{section}.models": getattr(parameters, section).models for section in MAKERS}
    for key, models in made.items():
        for model in models:
            refuse_unlisted(model, key, parameters.models, file)
    for model, card in cards.items():
        ways = [section for section in MAKERS if model in made[f"{section}.models"]]
        if len(ways) != 1:
            places = f"in {' and '.join(f'{way}.models' for way in ways)}" if ways else "in no list"
            expected = f"exactly one of {', '.join(made)}, or `weights` on its card"
            raise InputError(f"{file}: model '{model}' is {places}, expected in {expected}")
        _check_card(model, card, ways[0])


def refuse_unlisted(model: str, key: str, models: list[str], file: object) -> None:
    """Raise `InputError` for a model that a key of `file` names, but its `models` don't."""
    if model not in models:
        hint = nearest(model, models)
        raise InputError(f"{file}: '{key}' names model '{model}', which is not one of `models`{hint}")


def _check_card(model: str, card: Card, way: str) -> None:
    maker = MAKERS[way]
    if card.weights not in (None, maker.weights):
        raise InputError(
            f"card '{model}': 'weights' is '{card.weights}', but the study has it in {way}.models, expected "
            f"'{maker.weights}', or the model in another list"
        )
    for section in dict.fromkeys(filter(None, (other.section for other in MAKERS.values()))):
        needed, present = section == maker.section, getattr(card, section) is not None
        # How an imported model was once pruned is worth knowing.
        if needed != present and not (present and section == "pruning" and way == "imports"):
            state = "is given" if present else "is missing"
            raise InputError(f"card '{model}': section '{section}' {state}, and the study has it in {way}.models")
