"""A name that a shell would run: both engines refuse it before they put it into a command."""

from __future__ import annotations

import pytest
from project import Project

NAMES = ("standard; touch marker #", "${study}")


@pytest.mark.parametrize("name", NAMES)
def test_an_engine_runs_nothing_with_a_bad_name(after_dvc: Project, name: str) -> None:
    """DVC itself reads the parameters, and knows nothing of what they may be; everything it could reuse is there."""
    models = {key: [name, "linf-0.3"] for key in ("train.models", "maps.integrated_gradients", "classes.models")}
    after_dvc.change({"models": [name, "linf-0.3", "pruned", "imported"], **models})
    _refused(after_dvc, "models.0", name)


@pytest.mark.parametrize("key", ["methods", "attacks", "maps"])
@pytest.mark.parametrize("name", NAMES)
def test_nor_with_a_bad_name_of_a_plug_in(after_dvc: Project, key: str, name: str) -> None:
    after_dvc.change({f"plugins.{key}": [name], "plugins.models": ["standard"]})
    _refused(after_dvc, f"plugins.{key}.0", name)


def _refused(project: Project, key: str, name: str) -> None:
    before = project.results()
    for command in (("dvc", "repro", "--keep-going"), ("snakemake", "--cores", "1", "all")):
        done = project.run(*command, check=False)
        assert done.returncode != 0
        assert f"'{key}' is '{name}', but string should match pattern" in done.stdout + done.stderr
        assert not list(project.root.rglob("marker"))
        assert project.results() == before
