"""What a user of the engines sees: the linter, the report, a dry run's reasons, the last lines when a job fails."""

from __future__ import annotations

import shutil

import pytest
from project import Project

LOG = "results/tiny/.runs/inequality-standard-integrated_gradients.log"
COMMAND = "python workflow/scripts/inequality.py --model standard --method integrated_gradients"


def spoil(project: Project) -> None:
    """Make stage inequality fail in a way that nobody foresaw."""
    script = project.root / "src/ineq/stages/inequality.py"
    script.write_text(script.read_text().replace("read_maps(run.inputs", "read_maps(1 / 0, run.inputs"))


def test_the_linter_is_content(fresh: Project) -> None:
    assert fresh.run("snakemake", "--lint").returncode == 0


@pytest.mark.parametrize(
    "command",
    [("snakemake", "--cores", "8", "--dry-run", "all"), ("dvc", "repro", "code"), ("ineq", "params", "check")],
)
def test_a_later_edited_study_is_said_once(fresh: Project, command: tuple[str, ...]) -> None:
    """That an edit of params.yaml alone is not, unit/test_compose.py sees."""
    fresh.run(*command)
    fresh.change({"attack.radius": 1}, "studies/tiny.yaml")
    said = fresh.run(*command).stderr
    assert (
        said.count("studies/tiny.yaml was edited after params.yaml was written from it, and differs in attack.r") == 1
    )
    fresh.run("ineq", "study", "use", "tiny")
    assert "was edited after" not in fresh.run(*command).stderr


def test_the_report_is_made(after_snakemake: Project) -> None:
    after_snakemake.run("snakemake", "--report", "report.html")
    assert "random_attack" in (after_snakemake.root / "report.html").read_text()


def test_lost_logs_rerun_nothing(after_snakemake: Project) -> None:
    assert (after_snakemake.root / LOG).exists()
    shutil.rmtree(after_snakemake.root / "results/tiny/.runs")
    assert "Nothing to be done" in after_snakemake.snakemake()
    after_snakemake.run("ineq", "adopt")
    assert after_snakemake.planned_by_snakemake() == set()


def test_reasons_are_for_dry_runs(after_snakemake: Project) -> None:
    shutil.rmtree(after_snakemake.root / "results/tiny/report")
    assert "Reason: Missing output files" in after_snakemake.snakemake("--dry-run")
    said = after_snakemake.snakemake()
    assert "Shell command: python workflow/scripts/report.py" in said and "Reason:" not in said


def test_the_last_lines_of_snakemake_name_the_logs_of_what_failed(after_snakemake: Project) -> None:
    spoil(after_snakemake)
    done = after_snakemake.run("snakemake", "--cores", "8", "all", check=False)
    assert done.returncode == 1
    lines = done.stderr.strip().splitlines()
    # `keep-going`: each of the stage's jobs has failed, and each is named.
    assert f"failed: {COMMAND}: see {LOG}" in lines[-4:]
    assert all(line.startswith("failed: ") for line in lines[-4:])
    log = (after_snakemake.root / LOG).read_text()
    assert "ZeroDivisionError" in log and log.splitlines()[-1].endswith(f"failed: see {LOG}")


def test_dvc_shows_the_stages_last_line(after_dvc: Project) -> None:
    spoil(after_dvc)
    done = after_dvc.run("dvc", "repro", check=False)
    assert done.returncode != 0
    assert "failed: see results/tiny/.runs/inequality-" in "\n".join(done.stderr.splitlines()[-5:])


def test_a_stage_alone_ends_with_the_log(after_snakemake: Project) -> None:
    spoil(after_snakemake)
    done = after_snakemake.run(*COMMAND.split(), check=False)
    assert done.returncode == 1 and "ZeroDivisionError" in done.stderr
    assert done.stderr.splitlines()[-1] == f"inequality standard/integrated_gradients failed: see {LOG}"
