"""A name that a shell would run: both engines refuse it before they put it into a command."""

from __future__ import annotations

import pytest
from project import Project


@pytest.mark.parametrize("name", ["standard; touch marker #", "${study}"])
def test_an_engine_runs_nothing_with_a_bad_name(after_dvc: Project, name: str) -> None:
    """DVC itself reads the parameters, and knows nothing of what they may be; everything it could reuse is there."""
    project = after_dvc
    before = project.results()
    models = {key: [name, "linf-0.3"] for key in ("train.models", "maps.integrated_gradients", "classes.models")}
    project.change({"models": [name, "linf-0.3", "pruned", "imported"], **models})
    for command in (("dvc", "repro", "--keep-going"), ("snakemake", "--cores", "1", "all")):
        done = project.run(*command, check=False)
        assert done.returncode != 0
        assert f"'models.0' is '{name}', but string should match pattern" in done.stdout + done.stderr
        assert not list(project.root.rglob("marker"))
        assert project.results() == before
