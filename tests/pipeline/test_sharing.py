"""A DVC remote behind S3's protocol, on loopback: what docs/sharing.md says, done in three clones of one repository."""

from __future__ import annotations

import hashlib
import json
import logging
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import engines
import pytest
from documented import run_by
from moto.server import ThreadedMotoServer
from project import Project

from ineq.config.study import load_study
from ineq.planning.jobs import jobs
from ineq.provenance.impact import jobs_downstream

ANOTHER = run_by("test_another_clone_has_nothing_to_run")
KEY, SECRET, REGION = "tester", "secret", "us-east-1"
SOMEBODY = {
    **{"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_DEFAULT_REGION": REGION},
    **{f"GIT_{role}_NAME": "tester" for role in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{role}_EMAIL": "tester@example.org" for role in ("AUTHOR", "COMMITTER")},
}


@dataclass
class Lab:
    """A bucket, a repository that all can reach, and the clone in which the study has run."""

    address: str
    bucket: Any
    origin: Path
    first: Project

    def clone(self, folder: Path) -> Project:
        """A new clone: neither results nor a cache."""
        self.first.git("clone", "-q", str(self.origin), str(folder))
        project = Project(folder)
        project.extra = SOMEBODY
        return project

    def follow(self, project: Project, commands: list[str]) -> list[str]:
        """What each command of the page says, with this bucket's address for the example's."""
        lines = [command.replace("https://s3.example.org", self.address) for command in commands]
        done = [project.run(*shlex.split(line)) for line in lines]
        return [one.stdout + one.stderr for one in done]


@pytest.fixture(scope="module")
def lab(run_by_dvc: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Where the first clone has set up the remote and pushed."""
    folder = tmp_path_factory.mktemp("lab")
    first, origin = run_by_dvc.copy(folder / "first"), folder / "origin.git"
    first.extra = SOMEBODY
    first.git("init", "-q", "--bare", "-b", "main", str(origin))
    first.git("remote", "add", "origin", str(origin))
    first.git("push", "-q", "-u", "origin", "main")
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # or each failure comes with a thousand requests
    address = "http://{}:{}".format(*server.get_host_and_port())
    s3: Any = boto3.Session(KEY, SECRET, region_name=REGION).resource("s3", endpoint_url=address)
    lab = Lab(address, s3.create_bucket(Bucket="lab"), origin, first)
    lab.follow(first, run_by("lab"))
    yield lab
    server.stop()


def test_another_clone_has_nothing_to_run(lab: Lab, tmp_path: Path) -> None:
    other = lab.clone(tmp_path / "other")
    *_, adopted, by_dvc, by_snakemake = lab.follow(other, ANOTHER)
    assert "jobs of study 'tiny' verified and adopted" in adopted
    assert "Data and pipelines are up to date." in by_dvc
    assert "Nothing to be done" in by_snakemake and "Nothing to be done" in other.snakemake()
    assert other.results() == lab.first.results()
    assert other.run("git", "status", "--porcelain").stdout == "", "what all share is as it was"


def test_a_third_clone_runs_only_what_its_change_affects(lab: Lab, tmp_path: Path) -> None:
    third = lab.clone(tmp_path / "third")
    lab.follow(third, ANOTHER)
    changed = {"robustness.images": 50}
    every = jobs(load_study(third.root))
    wanted = {job.name for job in jobs_downstream(every, [job for job in every if set(changed) <= set(job.parameters)])}
    assert wanted == {"subset", "robustness standard", "tables", "paper", "figures", "gallery", "report"}
    assert third.plans("snakemake", {"params.yaml": changed}, {}) == [wanted, set()]
    (said,) = lab.follow(third, run_by("test_a_third_clone_runs_only_what_its_change_affects"))
    ran = {engines.job_name(command) for command in re.findall(r"> (python workflow/scripts/.*)", said)}
    # DVC stops where a stage has made the same bytes again: no table behind figures and gallery shows robustness.
    assert {name for name in ran if not name.startswith("list_inputs")} == {"list_code", *wanted} - {
        "figures",
        "gallery",
    }
    record = json.loads((third.root / "results/tiny/robustness/record.json").read_text())
    assert record["parameters"]["robustness.images"] == 50


def test_a_damaged_object_is_found(lab: Lab, tmp_path: Path) -> None:
    """By DVC, as the page sets it up; and by the records, whatever DVC is set to."""
    path = "results/tiny/predict/standard/predictions.csv"
    sound = (lab.first.root / path).read_bytes()
    digest = hashlib.md5(sound).hexdigest()
    stored = lab.bucket.Object(f"ineq/files/md5/{digest[:2]}/{digest[2:]}")
    damaged = sound.replace(b",1,", b",2,", 1)
    assert stored.get()["Body"].read() == sound != damaged
    stored.put(Body=damaged)
    try:
        clone = lab.clone(tmp_path / "clone")
        pulled = clone.run("dvc", "pull", check=False)
        assert pulled.returncode and path in pulled.stderr and "Traceback" not in pulled.stderr
        assert not (clone.root / path).exists()
        clone.run("dvc", "remote", "modify", "--local", "shared", "verify", "false")
        clone.run("dvc", "pull")
        assert (clone.root / path).read_bytes() == damaged
        refused = clone.run("ineq", "adopt", check=False)
        assert refused.returncode == 2 and "Traceback" not in refused.stderr
        assert f"{path} is not the file that the record names" in refused.stderr
    finally:
        stored.delete()
        lab.first.run("dvc", "push")
    assert stored.get()["Body"].read() == sound, "as the page says to repair it"
