"""Results small enough to reckon by hand, for tests of what is made of them; and a checkpoint to audit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from small_results import results_of_one, results_of_two

from ineq.analysis.results import Results


@pytest.fixture
def results() -> Results:
    return results_of_one()


@pytest.fixture
def two() -> Results:
    return results_of_two()


@pytest.fixture
def checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nobody looks into it: of as many classes as there should be, with no normalisation inside."""

    from ineq.auditing.network import Looked

    def look_at(subjects: Any, shape: Any, classes: int, otherwise: Any) -> Any:
        told = [one.stated(shape[0]) or {key: [*otherwise[key]] for key in otherwise} for one in subjects]
        return Looked(classes, told[0], told)

    monkeypatch.setattr("ineq.auditing.study.look_at", look_at)
    torch.save({"fc.weight": torch.zeros(2, 2)}, tmp_path / "my model (v2).pt")
    return tmp_path / "my model (v2).pt"
