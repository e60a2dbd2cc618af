"""Results small enough to reckon by hand, for tests of what is made of them."""

from __future__ import annotations

import pytest
from small_results import results_of_one, results_of_two

from ineq.analysis.results import Results


@pytest.fixture
def results() -> Results:
    return results_of_one()


@pytest.fixture
def two() -> Results:
    return results_of_two()
