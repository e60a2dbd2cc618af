"""The commands of docs/tutorial.md and docs/own-model.md, and the examples in the help texts, as they are typed."""

from __future__ import annotations

import re
from pathlib import Path

import typer
from documented import ROOT, for_tiny, run_by
from engines import read_yaml
from project import Project

from ineq.attribution.names import METHODS
from ineq.cli import app
from ineq.config.study import load_study
from ineq.planning.jobs import jobs
from ineq.provenance.impact import jobs_downstream

TUTORIAL = (ROOT / "docs/tutorial.md").read_text(encoding="utf-8")
OWN_MODEL = (ROOT / "docs/own-model.md").read_text(encoding="utf-8")


def typed(project: Project, command: str) -> str:
    """What a shell says to it."""
    done = project.run("bash", "-c", for_tiny(command))
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def affected(root: Path) -> tuple[int, int]:
    """The jobs of the study, and those that another radius reruns."""
    every = jobs(load_study(root))
    return len(every), len(jobs_downstream(every, [job for job in every if "attack.radius" in job.parameters]))


def test_the_tutorials_numbers_are_those_of_digits() -> None:
    every, rerun = affected(ROOT)
    page = " ".join(TUTORIAL.split())
    assert f"runs {every} jobs" in page and f"{every} jobs of study 'digits' verified and adopted" in page
    assert f"lists {rerun} of the {every} jobs" in page and f"the same {rerun} jobs" in page


def test_the_tutorial(after_snakemake: Project) -> None:
    """One parameter changed in one engine and changed back in the other: the figure is another, and then the first."""
    explained, edit, check, plan, run, adopt, experiment, show = run_by("test_the_tutorial")
    figure, parameters = (after_snakemake.root / name for name in (for_tiny(explained).split()[-1], "params.yaml"))
    every, rerun = affected(after_snakemake.root)
    before = figure.read_bytes(), parameters.read_bytes()
    assert "Nothing has changed since: this is what the study asks for now." in typed(after_snakemake, explained)
    typed(after_snakemake, edit)
    assert read_yaml(parameters)["attack"]["radius"] == 1
    assert "valid study 'tiny'" in typed(after_snakemake, check)
    assert re.search(rf"^total +{rerun + 1}$", typed(after_snakemake, plan), re.MULTILINE), "with the rule `all`"
    assert "attack.radius was 2, expected 1; moved to .stale/" in typed(after_snakemake, run)
    assert figure.read_bytes() != before[0]
    assert f"{every} jobs of study 'tiny' verified and adopted" in typed(after_snakemake, adopt)
    said = typed(after_snakemake, experiment)
    ran = re.findall(r"> python workflow/scripts/(\w+).py", said)
    assert len([stage for stage in ran if not stage.startswith("list_")]) == rerun
    assert "attack.radius" in typed(after_snakemake, show)
    assert (figure.read_bytes(), parameters.read_bytes()) == before


def test_a_model_of_ones_own(after_snakemake: Project) -> None:
    project = after_snakemake
    (code,), (card,) = (re.findall(rf"```{kind}\n(.*?)```", OWN_MODEL, re.DOTALL) for kind in ("python", "yaml"))
    project.run("python", "-c", for_tiny(code))
    (project.root / "models/tiny/mine.yaml").write_text(card)
    old = read_yaml(project.root / "studies/tiny.yaml")
    added = {"models": old["models"], "maps.integrated_gradients": old["maps"]["integrated_gradients"]}
    project.change({key: [*models, "mine"] for key, models in added.items()}, "studies/tiny.yaml")
    use, fetch, check, convert = run_by("test_a_model_of_ones_own")
    typed(project, use)
    assert read_yaml(project.root / "params.yaml")["convert"]["models"] == ["mine"], "as its card says"
    assert "now stands on its card" in typed(project, fetch)
    assert len(read_yaml(project.root / "models/tiny/mine.yaml")["origin"]["sha256"]) == 64
    assert "of 5 models" in typed(project, check)
    typed(project, convert)
    assert (project.root / for_tiny(convert).split()[-1]).is_file()
    planned = {name for name in project.planned_by_snakemake() if "mine" not in name}
    every_model = {"transfer", "tables", "paper", "figures", "gallery", "report"}
    assert planned == every_model | {f"controls {method}" for method in METHODS}, (
        "no other model's own, and not the sample"
    )


def examples() -> list[str]:
    """Those of all help texts; what is made from results comes before what is copied from them, and cleaning last."""
    waiting, found = [typer.main.get_command(app)], []
    for command in waiting:
        waiting += getattr(command, "commands", {}).values()
        found += re.findall("Example: (.*)", command.epilog or "")
    return sorted(found, key=lambda example: ("generate" not in example, "clean" in example))


def test_the_examples_of_the_help_texts(after_snakemake: Project) -> None:
    assert len(examples()) >= 12
    for example in examples():
        # That of the audit is one of its page's, and test_audit.py runs it, on a model that it has.
        if not example.startswith("ineq audit "):
            typed(after_snakemake, example)
    assert not (after_snakemake.root / "results/tiny").exists(), "cleaned last"
