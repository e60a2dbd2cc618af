"""DVC's experiments in folders of their own: what git does not track, and so DVC does not copy, is linked."""

from __future__ import annotations

import pytest
from project import Project

LIST = ("python", "workflow/scripts/list_code.py")
CHECKPOINT, IMAGES = "models/tiny/imported.ckpt", "data/imagenet"
PLACES = (".dvc/tmp/exps/standalone/one", ".dvc/tmp/exps/queued")


@pytest.fixture
def ignored(fresh: Project) -> Project:
    """A project with a checkpoint and images that git ignores."""
    fresh.change({"imports.models": [], "convert.models": ["imported"], "data.path": IMAGES})
    fresh.change({"data.path": IMAGES}, "studies/tiny.yaml")
    fresh.change({"weights": "convert"}, "models/tiny/imported.yaml")
    (fresh.root / "models/tiny/imported.safetensors").rename(fresh.root / CHECKPOINT)
    (fresh.root / IMAGES).mkdir()
    fresh.git("add", "-A")
    fresh.git("commit", "-q", "-m", "ignored files")
    return fresh


def copied(project: Project, place: str) -> Project:
    """What git has of it, as DVC begins with."""
    project.git("clone", "-q", ".", place)
    return Project(project.root / place)


def test_sources_are_linked_where_dvc_runs_experiments(ignored: Project) -> None:
    for place in PLACES:
        copy = copied(ignored, place)
        copy.run(*LIST)
        assert [(copy.root / name).readlink() for name in (CHECKPOINT, IMAGES)] == [
            ignored.root / name for name in (CHECKPOINT, IMAGES)
        ]
        assert (copy.root / "results/.code/train.json").is_file()
        assert copy.run("git", "status", "--porcelain").stdout == "", "git ignores the links, too"


def test_what_is_nowhere_is_missing_there_too_and_nothing_is_linked_elsewhere(ignored: Project) -> None:
    elsewhere = copied(ignored, ".dvc/tmp/other").run(*LIST, check=False)
    (ignored.root / CHECKPOINT).unlink()
    nowhere = copied(ignored, PLACES[0]).run(*LIST, check=False)
    said = f"{CHECKPOINT} is missing, which `convert imported` reads"
    assert [done.returncode for done in (elsewhere, nowhere)] == [2, 2]
    assert said in elsewhere.stderr and f"{IMAGES} is missing" in elsewhere.stderr
    assert said in nowhere.stderr and f"{IMAGES} is missing" not in nowhere.stderr
