"""Two packages, a method and an attack, through both engines: the whole comparison, and no job too many."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from pathlib import Path

import engines
import pytest
from plugged import BOTH, STUDY, install, with_plugins
from project import Project, once

from ineq.config.study import load_study
from ineq.planning.jobs import jobs

ROOT = Path(__file__).resolve().parents[2]
LAST = {"tables", "paper", "figures", "gallery", "report"}
ATTACKS = {f"attack standard/{method}/erase" for method in ("gradient_power", "integrated_gradients")}
ATTACKS |= {"random_attack standard/erase"}
MAPS = {"controls gradient_power", *(f"{stage} standard/gradient_power" for stage in ("attribute", "inequality"))}
MAPS |= {f"attack standard/gradient_power/{attack}" for attack in ("noise", "occlusion")}
OF_METHOD = {*MAPS, "attack standard/gradient_power/erase", "transfer", *LAST}
MAPS_FILE = "results/tiny/attribute/standard/gradient_power/maps.h5"


def plugged(project: Project, *packages: str) -> Project:
    """The project with packages installed in a folder of its own, and named in its parameters."""
    site = project.root / ".tools" / "site"
    site.mkdir(parents=True, exist_ok=True)
    install(site, *packages)
    project.change(STUDY)
    return with_plugins(project)


def edit(project: Project, file: str, old: str, new: str) -> None:
    path = project.root / ".tools/site" / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def ran_by_dvc(project: Project) -> set[str]:
    """Names of the jobs that `dvc repro` really runs."""
    said = project.run("dvc", "repro").stdout
    commands = [line.removeprefix("> ") for line in said.splitlines() if line.startswith("> python")]
    return {engines.job_name(command) for command in commands if "/list_" not in command}


def explained(project: Project, file: str) -> list[str]:
    return json.loads(project.run("ineq", "explain", file, "--json").stdout)["changed"]


@pytest.fixture(scope="session")
def run_with_plugins(shared: Path, run_by_snakemake: Project) -> Project:
    """A project in which Snakemake has run all, first without plug-ins. Copy it before changing it."""

    def build(folder: Path) -> None:
        shutil.copytree(run_by_snakemake.root, folder, symlinks=True)
        project = plugged(Project(folder), *BOTH)
        assert project.planned_by_snakemake() == OF_METHOD | ATTACKS
        project.snakemake()

    return once(shared / "run-with-plugins", build)


@pytest.fixture
def after_both(run_with_plugins: Project, tmp_path: Path) -> Project:
    """A copy to change."""
    return with_plugins(run_with_plugins.copy(tmp_path / "plugged"))


def assert_it_is_everywhere(one: dict[str, bytes]) -> None:
    """In the report, the tables, the dictionary of artefacts and the records."""
    page = one["report.html"].decode()
    assert '<td class="text">erase</td>' in page and "Erase (gray), erased 8" in page
    assert "ineq-gradient-power" in page and "plugins.options.gradient_power.power" in page
    for table in ("gini", "controls", "attacks", "contrasts", "families"):
        assert "gradient_power" in one[f"tables/{table}.csv"].decode(), table
    for table in ("attacks", "contrasts", "families"):
        assert "erase" in one[f"tables/{table}.csv"].decode(), table
    assert "erase, gray" in one["figures/captions.json"].decode()
    # The paper is compared by its own methods.
    assert "gradient_power" not in one["paper/table3.csv"].decode() + one["paper/claims.csv"].decode()
    dictionary = (ROOT / "docs/artefacts.md").read_text().splitlines()
    for file, entry in {
        "controls/gradient_power/controls.csv": "controls/<method>/controls.csv",
        "tables/families.csv": "tables/families.csv",
    }.items():
        listed = {name for line in dictionary if f"| `{entry}` |" in line for name in re.findall("`(\\w+)`", line)}
        assert set(one[file].decode().splitlines()[0].split(",")) <= listed, file
    record = json.loads(one["attribute/standard/gradient_power/record.json"])
    about = {"kind": "method", "distribution": "ineq-gradient-power", "entry": "gradient_power:METHOD"}
    assert record["code"]["plugins"] == {"gradient_power": about}
    assert record["code"]["packages"]["ineq-gradient-power"] == "0.1"
    assert {"gradient_power", "gradient_power.maps"} <= set(record["code"]["modules"])
    assert "plugins" not in json.loads(one["attribute/standard/integrated_gradients/record.json"])["code"]
    # The gallery shows what attacks do, so it runs their code.
    assert set(json.loads(one["gallery/record.json"])["code"]["plugins"]) == {"erase"}


def test_a_method_and_an_attack_in_both_engines(after_both: Project, after_dvc: Project) -> None:
    after_snakemake = after_both
    assert ran_by_dvc(plugged(after_dvc, *BOTH)) == OF_METHOD | ATTACKS
    one, other = after_snakemake.results(), after_dvc.results()
    assert set(one) == set(other) and {path for path in one if one[path] != other[path]} == set()
    assert_it_is_everywhere(one)

    for project in (after_snakemake, after_dvc):
        edit(project, "erase/__init__.py", '"""Some values', '"""Other words on some values')
    assert after_snakemake.planned_by_snakemake() == set() and ran_by_dvc(after_dvc) == set(), "words are no code"

    for project in (after_snakemake, after_dvc):
        edit(project, "erase/__init__.py", "gray: float = 0.5", "gray: float = 0.9")
    assert after_snakemake.planned_by_snakemake() == ATTACKS | LAST
    said = after_snakemake.snakemake()
    assert "stale: attack standard/gradient_power/erase: code differ: modules.erase; moved to" in said
    assert ran_by_dvc(after_dvc) == ATTACKS | LAST
    assert after_snakemake.results() == after_dvc.results()
    assert one["tables/attacks.csv"] != after_snakemake.results()["tables/attacks.csv"]

    for project in (after_snakemake, after_dvc):
        edit(project, "gradient_power/maps.py", "gradient.abs()", "gradient.clamp(min=0)")
        edit(project, "ineq_gradient_power-0.1.dist-info/METADATA", "Version: 0.1", "Version: 0.3")
        changes = "modules.gradient_power.maps, packages.ineq-gradient-power was '0.1', expected '0.3'"
        assert explained(project, MAPS_FILE) == [f"attribute standard/gradient_power: code differ: {changes}"]
    assert after_snakemake.planned_by_snakemake() == OF_METHOD
    assert after_dvc.planned_by_dvc() == [OF_METHOD]


def test_options_rerun_just_the_plugin_that_has_them(after_both: Project) -> None:
    project = after_both
    cases = [{"params.yaml": {f"plugins.options.{key}": value}} for key, value in OPTIONS.items()]
    attack, method = project.plans("snakemake", *cases)
    assert attack == ATTACKS | LAST and method == OF_METHOD
    project.run("ineq", "adopt")
    assert project.planned_by_dvc(*cases) == [attack, method]
    project.change({"plugins.models": [], "plugins.methods": [], "plugins.attacks": [], "plugins.options": {}})
    project.change({"plugins.maps": []})
    assert project.planned_by_snakemake() == {"transfer", *LAST}, "what is left out is read no more"
    assert ran_by_dvc(project) == {"transfer", *LAST}
    assert json.loads(project.run("dvc", "status", "--json").stdout) == {}


OPTIONS = {"erase": {"values": 9}, "gradient_power": {"power": 3.0}}


def test_both_engines_have_the_same_jobs(fresh: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project = plugged(fresh, *BOTH)
    monkeypatch.syspath_prepend(str(project.root / ".tools/site"))
    wanted = {job.command: job for job in jobs(load_study(project.root))}
    with contextlib.chdir(project.root):
        dvc, snakemake = engines.from_dvc(project.root), engines.from_snakemake(project.root)
    assert set(dvc) == set(snakemake) == set(wanted)
    own = {name for name in MAPS if name.split()[0] in ("attribute", "controls")}
    plugins = {"gradient_power", "erase"}
    assert {job.name for job in wanted.values() if plugins & {name for _, name in job.runs}} == {
        *(ATTACKS | own),
        *("figures", "gallery"),
    }
    for command, job in wanted.items():
        outputs = {str(path) for path in job.outputs.values()}
        assert dvc[command].outputs == snakemake[command].outputs == outputs
        inputs = {*job.input_files, *job.input_records.values()}
        assert snakemake[command].inputs == {str(path) for path in inputs}
        assert snakemake[command].parameters == {"code", "planned", "sources", *job.parameters}
        declared = dvc[command].parameters
        assert all(any(f"{leaf}.".startswith(f"{key}.") for leaf in ("code", *job.parameters)) for key in declared)
        assert {
            leaf for leaf in job.parameters if not any(f"{leaf}.".startswith(f"{key}.") for key in declared)
        } == set()


@pytest.mark.parametrize(
    "command", [("snakemake", "--cores", "1", "all"), ("dvc", "repro"), ("ineq", "params", "check")]
)
def test_a_plugin_that_is_not_installed_ends_everything_first(fresh: Project, command: tuple[str, ...]) -> None:
    project = plugged(fresh, "gradient_power", "erase")
    project.change({"plugins.methods": ["gradient_powers"], "plugins.maps": ["integrated_gradients"]})
    project.change({"plugins.options": {"gradient_powers": {}, "erase": {}}})
    done = project.run(*command, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == (255 if command[0] == "dvc" else 2) and "Traceback" not in said
    assert "no installed package has a plug-in method 'gradient_powers'" in said
    assert "did you mean 'gradient_power'?" in said
    assert not (project.root / "results/tiny/data").exists()
