"""What the schema lets a study choose is what there is to choose from, in the place that computes."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from ineq.attacks import names
from ineq.attribution.methods import METHODS
from ineq.attribution.names import METHOD
from ineq.attribution.names import METHODS as TITLES
from ineq.config import card, methods, schema
from ineq.data.dataset import SPLITS
from ineq.data.sources import INDEXES, SOURCES
from ineq.device import PRECISIONS
from ineq.figures.read import TABLES
from ineq.inequality.measures import IMPORTANCES
from ineq.inequality.names import GINIS
from ineq.inequality.table import MEASURES
from ineq.models.pgd import NORMS
from ineq.models.pruning import KINDS
from ineq.sensitivity.names import STATISTICS
from ineq.stages.tables import SHOWN

INTEGRATED, SMOOTH = METHODS["integrated_gradients"], METHODS["smoothgrad"]
CHOICES = [
    (schema.Attack, "colors", names.COLORS),
    (schema.Transfer, "color", names.COLORS),
    (schema.Inequality, "importance", IMPORTANCES),
    (schema.Runtime, "precision", PRECISIONS),
    (schema.Train, "precision", PRECISIONS),
    (schema.Data, "name", {**SOURCES, **INDEXES}),
    (schema.Evaluation, "split", SPLITS),
    (card.Recipe, "norm", ("none", *NORMS, "unknown")),
    (card.Pruning, "kind", KINDS),
    (methods.IntegratedGradients, "baseline", INTEGRATED.choices["baseline"]),
    (methods.SmoothGrad, "base", SMOOTH.choices["base"]),
    (methods.SmoothGrad, "type", SMOOTH.choices["type"]),
]


@pytest.mark.parametrize("section, key, there_are", CHOICES, ids=[f"{one.__name__}.{key}" for one, key, _ in CHOICES])
def test_a_study_may_choose_just_what_there_is(section: Any, key: str, there_are: Any) -> None:
    kind = section.model_fields[key].annotation
    (kind,) = get_args(kind) if kind.__name__ == "list" else (kind,)
    assert sorted(get_args(kind)) == sorted(there_are)


def test_methods_have_one_name_everywhere() -> None:
    assert list(METHODS) == list(TITLES) == list(schema.Maps.model_fields)
    assert METHOD in TITLES and set(methods.Attribution.model_fields) - {"seed"} < set(TITLES)


def test_what_pictures_are_made_of_is_what_they_read() -> None:
    assert TABLES == SHOWN
    assert set(GINIS) <= set(MEASURES) & set(STATISTICS)
