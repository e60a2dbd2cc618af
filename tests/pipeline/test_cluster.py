"""docs/cluster.md: its commands run as they stand, and its plan is what they say. Slurm itself: test_slurm.py."""

from __future__ import annotations

import re

import pytest
from documented import ROOT, run_by
from project import Project

PAGE = (ROOT / "docs/cluster.md").read_text()


def test_the_plan_is_what_the_commands_say(fresh: Project) -> None:
    (plan,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    said = [fresh.run(*line.split()).stdout for line in run_by("test_the_plan_is_what_the_commands_say")]
    assert said[-1] == plan
    counted = "import sys; from ineq.config.study import load_study as l; from ineq.planning.jobs import jobs as j"
    jobs = fresh.run("python", "-c", f"{counted}; print(len(j(l())))").stdout.strip()
    assert f"| jobs | {jobs} |" in PAGE


def test_the_profile_is_read_with_the_default_one(fresh: Project) -> None:
    """A dry run: nothing is asked of a cluster, and what `profiles/default` says still holds."""
    (command,) = run_by("test_the_profile_is_read_with_the_default_one")
    done = fresh.run(*command.split(), "--dry-run")
    assert "and workflow specific profile profiles/default" in done.stderr and "report" in done.stdout


# What the executors of Snakemake for other machines run there.
ON_A_NODE = (
    "python -m snakemake --snakefile Snakefile --target-jobs sample: --allowed-rules sample --cores all --force"
    " --nolock --ignore-incomplete --no-hooks --target-files-omit-workdir-adjustment --mode remote"
)


@pytest.mark.parametrize(("key", "refused"), [("sample.seed", True), ("attack.radius", False)])
def test_what_was_edited_in_the_queue_is_refused_by_who_uses_it(
    after_snakemake: Project, key: str, refused: bool
) -> None:
    """Snakemake in a compute node plans anew, with the parameters that are there then."""
    result = after_snakemake.root / "results/tiny/sample/sample.h5"
    before = result.read_bytes()
    after_snakemake.change({key: 1})
    done = after_snakemake.run(*ON_A_NODE.split(), check=False)
    said = "sample: params.yaml, or a model's card, has changed since this job was planned: start the run again"
    assert (bool(done.returncode), said in done.stderr) == (refused, refused), done.stderr
    assert not result.exists() if refused else result.read_bytes() == before


def test_the_node_says_what_it_takes(fresh: Project) -> None:
    """As a shell reads it: to bring a cluster up needs root, and Slurm."""
    for command in run_by("test_the_node_says_what_it_takes"):
        script, word = command.split()
        fresh.run("bash", "-n", script)
        assert f"{word}() {{" in (ROOT / script).read_text()
