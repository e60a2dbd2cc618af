"""Each parameter, each part of the code: just the stages that docs/parameters.md names are planned, in both engines."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

import engines
import pytest
from leaves import CASES, MADE, NOT_HERE, PARAMS
from project import Project

from ineq.config.card import Card
from ineq.config.describe import fields
from ineq.config.schema import Parameters
from ineq.config.study import load_study
from ineq.planning.jobs import jobs
from ineq.provenance.impact import LISTS, jobs_downstream

ROOT = Path(__file__).resolve().parents[2]
LAST = ("tables", "paper", "figures", "gallery", "report")
ABSENT = {"convert"}
"""The stage that the tests' study has no job of: test_imagenet.py has."""
PARTS = 2  # so that two workers share them


def documented() -> dict[str, set[str]]:
    """Stages that docs/parameters.md says rerun, by leaf (`card.…` for those of cards) or by piece of code."""
    found = {}
    prefix = ""
    for line in (ROOT / "docs" / "parameters.md").read_text().splitlines():
        prefix = "card." if line.startswith("## Model cards") else "" if line.startswith("## ") else prefix
        if line.startswith("| `"):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            stages = {word.strip() for word in cells[-1].replace(";", ",").split(",")} - {"nothing"}
            found[prefix + cells[0].strip("`")] = stages - ABSENT
    return found


def stages(planned: set[str]) -> set[str]:
    return {name.split()[0] for name in planned}


def expected(project: Project, case: engines.Changes) -> set[str]:
    """Jobs whose parameters the change touches, new ones, and all that lies below."""
    before = {job.name: job.parameters for job in jobs(load_study(project.root))}
    saved = {path: (project.root / path).read_bytes() for path in case}
    for path, changes in case.items():
        engines.change(project.root / path, changes)
    now = jobs(load_study(project.root))
    for path, content in saved.items():
        (project.root / path).write_bytes(content)
    changed = [job for job in now if before.get(job.name) != job.parameters]
    return {job.name for job in jobs_downstream(now, changed)}


def test_every_leaf_is_tried() -> None:
    leaves = {key for key, _ in fields(Parameters)} | {f"card.{key}" for key, _ in fields(Card)}
    assert leaves == set(CASES) | set(NOT_HERE)
    assert leaves <= set(documented())


@pytest.mark.parametrize("part", range(PARTS))
def test_a_changed_leaf_under_snakemake(after_snakemake: Project, part: int) -> None:
    cases = dict(list(CASES.items())[part::PARTS])
    wanted = {key: expected(after_snakemake, case) for key, case in cases.items()}
    plans = after_snakemake.plans("snakemake", {}, *cases.values(), {})
    assert plans[0] == plans[-1] == set()
    assert dict(zip(cases, plans[1:-1], strict=True)) == wanted
    for key in set(cases) - set(LISTS):
        found, said = stages(wanted[key]), documented()[key]
        # The study does less with its pruned and its imported model than the page says a study can.
        assert found <= said if key.startswith(MADE) else found == said, key


FEW = ("attack.radius", "sample.seed", "card.title")


def test_a_few_changed_leaves_under_dvc(after_dvc: Project) -> None:
    """A parameter of a late stage and of an early one, what only the last stages read, and an edit of code."""
    cases = [*(CASES[key] for key in FEW), edited(["src/ineq/inequality/"])]
    wanted = [*(expected(after_dvc, case) for case in cases[:-1])]
    plans = after_dvc.planned_by_dvc({}, *cases, {})
    assert plans[0] == plans[-1] == set()
    assert plans[1:-2] == wanted
    assert stages(plans[-2]) == documented()["src/ineq/inequality/"]


@pytest.mark.parametrize("part", range(PARTS))
def test_a_changed_leaf_under_dvc(after_dvc: Project, part: int) -> None:
    """One of each kind: that DVC declares the same leaves as Snakemake is seen in test_drift.py, for every job."""
    wanted = {key: expected(after_dvc, case) for key, case in CASES.items()}
    kinds: dict[tuple[bool, frozenset[str]], str] = {}
    for key in CASES:
        kinds.setdefault((key.startswith("card."), frozenset(wanted[key])), key)
    assert len(kinds) > 25
    keys = list(kinds.values())[part::PARTS]
    plans = after_dvc.planned_by_dvc({}, *(CASES[key] for key in keys))
    assert plans[0] == set()
    assert dict(zip(keys, plans[1:], strict=True)) == {key: wanted[key] for key in keys}


def test_another_study_is_everything(after_snakemake: Project, after_dvc: Project) -> None:
    everything = {job.name for job in jobs(load_study(after_dvc.root))}
    for project in (after_snakemake, after_dvc):
        shutil.copytree(project.root / "models" / "tiny", project.root / "models" / "other")
        shutil.copy(project.root / "params.yaml", project.root / "studies" / "other.yaml")
        project.change({"study": "other"})
        project.change({"study": "other"}, "studies/other.yaml")
    assert after_snakemake.planned_by_snakemake() == everything
    assert after_dvc.planned_by_dvc() == [everything]
    for project in (after_snakemake, after_dvc):
        project.run("ineq", "study", "use", "tiny")
    assert after_snakemake.planned_by_snakemake() == set(), "coming back to a study reruns nothing"
    assert after_dvc.planned_by_dvc() == [set()]


ROOMS = sorted(name for name in documented() if name.startswith("src/ineq/"))


def edited(rooms: Iterable[str], text: str = "\n\ndef edited() -> int:\n    return 1\n") -> engines.Changes:
    """Appended to every module of some rooms."""
    paths = [ROOT / room for room in rooms]
    files = [file for path in paths for file in ([path] if path.is_file() else sorted(path.glob("*.py")))]
    return {str(file.relative_to(ROOT)): text for file in files}


def rerun_by_edits() -> dict[str, tuple[engines.Changes, set[str]]]:
    """Edits of code, and the stages that rerun."""
    cases = {room: (edited([room]), documented()[room]) for room in ROOMS}
    of_noise = {"attack", "random_attack", "sensitivity", "transfer", *LAST}
    cases["one attack"] = (edited(["src/ineq/attacks/noise.py"]), of_noise)
    cases["a stage"] = (edited(["src/ineq/stages/inequality.py"]), {"inequality", *LAST})
    cases["a template"] = ({"src/ineq/report/templates/captions.j2": "\n"}, {"figures", "report"})
    cases["a comment everywhere"] = (edited(ROOMS, "\n# a comment\n"), set())
    return cases


@pytest.mark.parametrize("engine", ["snakemake", "dvc"])
def test_an_edit_in_each_room_of_the_code(engine: str, request: pytest.FixtureRequest) -> None:
    project: Project = request.getfixturevalue(f"after_{engine}")
    cases = rerun_by_edits()
    plans = project.plans(engine, *(case for case, _ in cases.values()), {})
    assert dict(zip(cases, map(stages, plans), strict=False)) == {key: wanted for key, (_, wanted) in cases.items()}
    assert plans[-1] == set(), "all is as it was"


def touch_everything(project: Project) -> None:
    for path in project.root.rglob("*"):
        if path.is_file() and ".git" not in path.parts and ".dvc" not in path.parts:
            path.touch()


def check_out_again(project: Project) -> None:
    for path in ("src", "workflow", "params.yaml", "models", "dvc.yaml", "Snakefile"):
        target = project.root / path
        shutil.rmtree(target) if target.is_dir() else target.unlink()
    project.git("checkout", "-q", "--", ".")


def reorder_keys(project: Project) -> None:
    content = engines.read_yaml(project.root / PARAMS)
    engines.write_yaml(project.root / PARAMS, {key: content[key] for key in reversed(content)})


def whole_numbers_as_floats(project: Project) -> None:
    project.change({"attack.radius": 2.0, "sample.size": 40.0, "inequality.tolerance": 0})


NO_REASONS = [touch_everything, check_out_again, reorder_keys, whole_numbers_as_floats]


@pytest.mark.parametrize("happening", NO_REASONS, ids=lambda happening: happening.__name__)
def test_no_reason_no_rerun(after_snakemake: Project, after_dvc: Project, happening) -> None:
    for project in (after_snakemake, after_dvc):
        happening(project)
    assert after_snakemake.planned_by_snakemake() == set()
    assert after_dvc.planned_by_dvc() == [set()]


def test_a_clone_with_the_cache_reruns_nothing(after_dvc: Project, tmp_path: Path) -> None:
    after_dvc.git("clone", "-q", ".", str(tmp_path / "clone"))
    clone = Project(tmp_path / "clone")
    shutil.copytree(after_dvc.root / ".dvc" / "cache", clone.root / ".dvc" / "cache")
    clone.run("dvc", "checkout", "-q")
    assert clone.planned_by_dvc() == [set()]
    clone.run("ineq", "adopt")
    assert clone.planned_by_snakemake() == set()
    assert clone.results() == after_dvc.results()


def test_a_moved_folder_reruns_nothing(after_snakemake: Project, after_dvc: Project, tmp_path: Path) -> None:
    """`after_…` are moved copies already: what they were copied from has another path."""
    for name, project in {"a": after_snakemake, "b": after_dvc}.items():
        project.root = project.root.rename(tmp_path / name)
    assert after_snakemake.planned_by_snakemake() == set()
    assert json.loads(after_dvc.run("dvc", "status", "--json").stdout) == {}
