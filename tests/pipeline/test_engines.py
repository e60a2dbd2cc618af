"""Both engines on a study of seconds: the same bytes, nothing done twice, nothing stale."""

from __future__ import annotations

import json
import re
import shutil

import pytest
from project import Project

from ineq.attribution.names import METHODS
from ineq.config.study import load_study
from ineq.planning.jobs import jobs

LAST = ("tables", "paper", "figures", "gallery", "report")
CONTROLS = tuple(f"controls {method}" for method in METHODS)
OCCLUSION = ("attack", "random_attack", "sensitivity")
"""What lies below every result."""


def nothing_to_do(project: Project) -> bool:
    return "Nothing to be done" in project.snakemake()


def dvc_is_clean(project: Project) -> bool:
    return json.loads(project.run("dvc", "status", "--json").stdout) == {}


def test_both_engines_make_the_same_bytes(run_by_snakemake: Project, run_by_dvc: Project) -> None:
    one, other = run_by_snakemake.results(), run_by_dvc.results()
    assert len(one) == 165
    assert {path for path in one if one[path] != other.get(path)} == set()
    assert set(one) == set(other)


def test_a_second_run_does_nothing(after_snakemake: Project, after_dvc: Project) -> None:
    assert nothing_to_do(after_snakemake)
    assert "Data and pipelines are up to date." in after_dvc.run("dvc", "repro").stdout
    assert dvc_is_clean(after_dvc)


def test_every_artefact_is_in_the_dictionary_of_its_record(run_by_snakemake: Project) -> None:
    results = run_by_snakemake.results()
    records = [json.loads(content) for path, content in results.items() if path.endswith("record.json")]
    named = {path for record in records for path in record["outputs"]}
    assert named == {f"results/tiny/{path}" for path in results if not path.endswith("record.json")}
    assert all(digest for record in records for digest in record["inputs"].values())
    assert all(record["code"]["packages"]["python"] for record in records)


def test_adoption_by_dvc_after_snakemake(after_snakemake: Project) -> None:
    before = after_snakemake.results()
    assert "49 jobs of study 'tiny' verified and adopted" in after_snakemake.run("ineq", "adopt").stdout
    assert dvc_is_clean(after_snakemake)
    assert "up to date" in after_snakemake.run("dvc", "repro").stdout
    assert nothing_to_do(after_snakemake)
    assert after_snakemake.results() == before


def test_adoption_by_snakemake_after_dvc(after_dvc: Project) -> None:
    before = after_dvc.results()
    after_dvc.run("ineq", "adopt")
    assert nothing_to_do(after_dvc)
    assert after_dvc.planned_by_snakemake() == set()
    assert dvc_is_clean(after_dvc)
    assert after_dvc.results() == before


def test_adoption_is_refused_when_a_record_does_not_match(after_snakemake: Project) -> None:
    after_snakemake.change({"attack.radius": 1})
    refused = after_snakemake.run("ineq", "adopt", check=False)
    assert refused.returncode == 2 and "Traceback" not in refused.stderr
    assert "nothing adopted: 11 of 49 jobs don't match" in refused.stderr
    assert "attack.radius was 2, expected 1" in refused.stderr
    assert not (after_snakemake.root / "dvc.lock").exists()
    after_snakemake.change({"attack.radius": 2})
    path = after_snakemake.root / "results/tiny/predict/standard/predictions.csv"
    path.write_text(path.read_text().replace(",1,", ",2,", 1))
    refused = after_snakemake.run("ineq", "adopt", check=False)
    assert refused.returncode == 2 and "predictions.csv is not the file that the record names" in refused.stderr


def occlusions(project: Project, radius: int) -> bool:
    """Whether every occlusion record and the table are of that radius."""
    records = [
        json.loads(path.read_text()) for path in project.root.glob("results/tiny/attack/**/occlusion/record.json")
    ]
    table = (project.root / "results/tiny/tables/attacks.csv").read_text()
    assert len(records) == 4
    return (
        all(record["parameters"]["attack.radius"] == radius for record in records)
        and re.search(rf",{radius},important,fixed,", table) is not None
    )


def test_snakemake_at_a_then_dvc_at_b_then_back_to_a(after_snakemake: Project) -> None:
    """Tried with plain engines, Snakemake said that there was nothing to do over the other radius' results."""
    after_snakemake.run("ineq", "adopt")
    before = after_snakemake.results()
    after_snakemake.change({"attack.radius": 1})
    after_snakemake.run("dvc", "repro", "-q")
    assert occlusions(after_snakemake, 1) and not occlusions(after_snakemake, 2)
    after_snakemake.change({"attack.radius": 2})
    planned = after_snakemake.planned_by_snakemake()
    # 4 maps, 4 models, 2 of them in `sensitivity`
    assert {name.split()[0] for name in planned} == {*OCCLUSION, *LAST} and len(planned) == 10 + len(LAST)
    assert occlusions(after_snakemake, 1), "a dry run moves nothing"
    said = after_snakemake.snakemake()
    assert "attack.radius was 1, expected 2; moved to .stale/" in said
    assert after_snakemake.results() == before
    assert (
        after_snakemake.root / ".stale/results/tiny/attack/standard/integrated_gradients/occlusion/outcome.h5"
    ).exists()


def test_snakemake_without_a_memory_of_its_own_plans_by_the_records(after_dvc: Project) -> None:
    """After DVC alone Snakemake has recorded no parameters to compare with."""
    assert after_dvc.planned_by_snakemake() == set()
    after_dvc.change({"attack.radius": 1})
    before = after_dvc.results()
    planned = after_dvc.planned_by_snakemake()
    # 4 maps, 4 models, 2 of them in `sensitivity`
    assert {name.split()[0] for name in planned} == {*OCCLUSION, *LAST} and len(planned) == 10 + len(LAST)
    assert after_dvc.results() == before, "a dry run moves nothing"
    after_dvc.change({"attack.radius": 2})
    assert after_dvc.planned_by_snakemake() == set()


def test_two_swapped_inputs_are_noticed(after_snakemake: Project, after_dvc: Project) -> None:
    """A stage that gets each file by the other's name reads and writes the same paths as before."""
    swapped = ("attribute.maps", "sample.sample")
    for project in (after_snakemake, after_dvc):
        module = project.root / "src/ineq/stages/attack.py"
        text = module.read_text()
        for before, after in (swapped, swapped[::-1]):
            assert text.count(f'"{before}"') == 1
            text = text.replace(f'"{before}"', f"'{after}'")
        module.write_text(text)
    attacks = {job.name for job in jobs(load_study(after_dvc.root)) if job.stage.name == "attack"}
    assert after_snakemake.planned_by_snakemake() == {*attacks, *LAST}
    assert after_dvc.planned_by_dvc() == [{*attacks, *LAST}]
    explained = after_snakemake.run(
        "ineq", "explain", "results/tiny/attack/standard/integrated_gradients/noise/outcome.h5"
    )
    reason = "code differ: inputs.maps was 'attribute.maps', expected 'sample.sample', inputs.sample was"
    assert reason in explained.stdout


def test_two_swapped_values_are_noticed(after_snakemake: Project, after_dvc: Project) -> None:
    """Snakemake by itself compares parameters as an unordered set: 3 and 2 are 2 and 3."""
    maps = ("standard/integrated_gradients", "linf-0.3/integrated_gradients", "standard/input_x_gradient")
    wanted = {f"attack {key}/occlusion" for key in (*maps, "standard/gradient_shap")} | set(LAST)
    wanted |= {"sensitivity standard", "sensitivity linf-0.3"}
    wanted |= {f"random_attack {model}/occlusion" for model in ("standard", "linf-0.3", "pruned", "imported")}
    for project in (after_snakemake, after_dvc):
        project.change({"attack.count": 2, "attack.radius": 3})
    assert after_snakemake.planned_by_snakemake() == wanted
    assert after_dvc.planned_by_dvc() == [wanted]


def test_a_deleted_intermediate_is_remade(after_snakemake: Project, after_dvc: Project) -> None:
    for project in (after_snakemake, after_dvc):
        path = project.root / "results/tiny/attribute/standard/input_x_gradient/maps.h5"
        content = path.read_bytes()
        path.unlink()
        project.snakemake() if project is after_snakemake else project.run("dvc", "repro", "-q")
        assert path.read_bytes() == content


def test_a_hand_edited_artefact_is_noticed(after_snakemake: Project, after_dvc: Project) -> None:
    for project in (after_snakemake, after_dvc):
        path = project.root / "results/tiny/tables/gini.csv"
        content = path.read_text()
        path.write_text(content.replace("0.", "0.9", 1))
        if project is after_snakemake:
            said = project.snakemake()
            assert "gini.csv is not the file that the record names; moved to .stale/" in said
        else:
            project.run("dvc", "repro", "-q")
        assert path.read_text() == content


def test_another_source_file_reruns_all_up_to_the_one_file_that_is_asked_for(after_snakemake: Project) -> None:
    path = after_snakemake.root / "data/paper/numbers.csv"
    path.write_text(path.read_text().replace("0.58", "0.57", 1))
    said = after_snakemake.run("snakemake", "--cores", "8", "results/tiny/report.html")
    report = (after_snakemake.root / "results/tiny/report.html").read_text()
    assert "0.57" in report and "paper: data/paper/numbers.csv is not the file" in said.stderr


def test_leftovers_of_a_removed_model_are_not_read(after_snakemake: Project, after_dvc: Project) -> None:
    for project in (after_snakemake, after_dvc):
        project.change({"models": ["standard", "pruned", "imported"], "train.models": ["standard"]})
        lists = ("maps.integrated_gradients", "transfer.models", "sensitivity.models")
        project.change({key: ["standard"] for key in lists})
        assert project.planned_by_snakemake() == {*CONTROLS, "transfer", *LAST} if project is after_snakemake else True
        project.snakemake() if project is after_snakemake else project.run("dvc", "repro", "-q")
        assert (project.root / "results/tiny/predict/linf-0.3/predictions.csv").exists()
        assert "linf-0.3" not in (project.root / "results/tiny/tables/models.csv").read_text()
    assert nothing_to_do(after_snakemake)
    # The leftovers lie in folders that DVC's lists depend on; nothing that computes reruns when they go.
    shutil.rmtree(after_dvc.root / "results/tiny/predict/linf-0.3")
    said = after_dvc.run("dvc", "repro").stdout
    assert (
        "list_inputs.py --stage sample" in said and "scripts/sample.py" not in said and "scripts/tables.py" not in said
    )


def test_an_added_model_reruns_only_its_own_jobs_and_the_tables(after_snakemake: Project, after_dvc: Project) -> None:
    changes = {
        "models": ["standard", "linf-0.3", "pruned", "imported", "linf-0.05"],
        "train.models": ["standard", "linf-0.3", "linf-0.05"],
    }
    for project in (after_snakemake, after_dvc):
        project.change(changes)
    own = {"train linf-0.05", "predict linf-0.05"}
    own |= {f"random_attack linf-0.05/{attack}" for attack in ("noise", "occlusion")}
    assert after_snakemake.planned_by_snakemake() == {*own, *CONTROLS, *LAST}
    said = after_dvc.run("dvc", "repro").stdout
    ran = {line.split("workflow/scripts/")[1] for line in said.splitlines() if "> python" in line}
    assert {name for name in ran if "list_inputs.py" not in name} == {
        "list_code.py",
        "train.py --model linf-0.05",
        "predict.py --model linf-0.05",
        *(f"random_attack.py --model linf-0.05 --attack {attack}" for attack in ("noise", "occlusion")),
        *(f"controls.py --method {name.removeprefix('controls ')}" for name in CONTROLS),
        *(f"{name}.py" for name in LAST),
    }


@pytest.mark.parametrize("flags", [["--config", "attack=3"], ["--configfile", "params.yaml"]])
def test_other_sources_of_parameters_are_refused(after_snakemake: Project, flags: list[str]) -> None:
    done = after_snakemake.run("snakemake", "--cores", "8", "all", *flags, check=False)
    assert done.returncode == 2
    assert "params.yaml is the only source of parameters" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
