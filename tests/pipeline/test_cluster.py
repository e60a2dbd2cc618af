"""docs/cluster.md: its commands run as they stand, and its plan is what they say. Slurm itself: test_slurm.py."""

from __future__ import annotations

import re
from pathlib import Path

from project import Project

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/cluster.md").read_text()
BASH = [line for block in re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]


def test_the_plan_is_what_the_commands_say(fresh: Project) -> None:
    (plan,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    said = [fresh.run(*command.split()).stdout for command in BASH if command.startswith("ineq ")]
    assert said[-1] == plan
    counted = "import sys; from ineq.config.study import load_study as l; from ineq.pipeline.jobs import jobs as j"
    jobs = fresh.run("python", "-c", f"{counted}; print(len(j(l())))").stdout.strip()
    assert f"| jobs | {jobs} |" in PAGE


def test_the_profile_is_read_with_the_default_one(fresh: Project) -> None:
    """A dry run: nothing is asked of a cluster, and what `profiles/default` says still holds."""
    (command,) = [command for command in BASH if command.startswith("snakemake ")]
    done = fresh.run(*command.split(), "--dry-run")
    assert "and workflow specific profile profiles/default" in done.stderr and "report" in done.stdout


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert (ROOT / "docs" / target).exists(), target
