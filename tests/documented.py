"""Every command that a page tells people to type, and the test that runs it: written down here and nowhere else.

Tests take what they run from here, and test_documented.py sees that no command of a page is missing. `INSTEAD` says
what a test does where it can't run a command as it stands, and why.
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]

RUN_BY: dict[str, dict[str, list[str]]] = {
    "pipeline/test_readme.py::test_make_targets_exist": {
        "README.md": ["make all", "make test"],
        "CONTRIBUTING.md": ["make test", "make check", "make generate"],
        "docs/tutorial.md": ["make all"],
    },
    "pipeline/test_readme.py::test_the_commands_run": {
        "README.md": [
            "snakemake --cores 8 all",
            "dvc repro",
            "dvc exp run -S attack.radius=20",
        ],
        "docs/studies.md": [
            "dvc metrics show",
            "dvc exp show",
            "ineq adopt",
            "ineq study list",
            "ineq study use digits",
            "ineq params check",
            "ineq study estimate",
        ],
    },
    "pipeline/test_pages.py::test_the_tutorial": {
        "docs/tutorial.md": [
            "ineq explain results/digits/figures/surface.svg",
            "sed -i 's/^  radius: 2$/  radius: 1/' params.yaml",
            "ineq params check",
            "snakemake -n all",
            "snakemake --cores all all",
            "ineq adopt",
            "dvc exp run -S attack.radius=2",
            "dvc exp show --md",
        ]
    },
    "pipeline/test_pages.py::test_a_model_of_ones_own": {
        "docs/own-model.md": [
            "ineq study use digits",
            "ineq study fetch",
            "ineq params check",
            "snakemake --cores 1 results/digits/models/mine/checkpoint.safetensors",
        ]
    },
    "pipeline/test_audit.py::test_beside_a_studys_models_on_its_images": {
        page: ["ineq audit models/cifar10/linf-4.safetensors --architecture resnet18 --width 16 --study cifar10"]
        for page in ("README.md", "docs/audit.md")
    },
    "pipeline/test_audit.py::somebodys_audits": {
        "docs/audit.md": [
            "ineq audit mine.pt --architecture my_net:make --images photos --mean 0.2 --std 0.3",
            "ineq audit mine.pt --architecture my_net:make --images photos --mean 0.2 --std 0.3 --second other.pt "
            "--name both --json",
        ]
    },
    "pipeline/test_cluster.py::test_the_plan_is_what_the_commands_say": {
        "docs/cluster.md": ["ineq study use imagenet", "ineq study estimate --tflops 10"]
    },
    "pipeline/test_cluster.py::test_the_profile_is_read_with_the_default_one": {
        "docs/cluster.md": ["snakemake --profile workflow/profiles/slurm all"]
    },
    "pipeline/test_cluster.py::test_the_node_says_what_it_takes": {
        "docs/cluster.md": ["workflow/profiles/slurm/node.sh start", "workflow/profiles/slurm/node.sh stop"]
    },
    "pipeline/test_plugins_page.py::test_the_study_is_planned": {
        "docs/plugins.md": [
            ".tools/bin/uv pip install --python .venv/bin/python --no-deps --editable ineq-mine",
            "ineq params check",
            "snakemake --cores 8 all",
            "dvc repro",
        ]
    },
    "pipeline/test_sharing.py::lab": {
        "docs/sharing.md": [
            "dvc remote add --default shared s3://lab/ineq",
            "dvc remote modify shared endpointurl https://s3.example.org",
            "dvc remote modify shared verify true",
            'git commit -m "Where results are shared" .dvc/config',
            "dvc push",
            "git push",
        ]
    },
    "pipeline/test_sharing.py::test_another_clone_has_nothing_to_run": {
        "docs/sharing.md": ["dvc pull", "ineq adopt", "dvc status", "snakemake -n all"]
    },
    "pipeline/test_sharing.py::test_a_third_clone_runs_only_what_its_change_affects": {
        "docs/sharing.md": ["dvc exp run -S robustness.images=50"]
    },
}
INSTEAD = {
    "pipeline/test_plugins_page.py::test_the_study_is_planned": "the package is built offline, and both engines say "
    "what they would run: test_plugins.py has them run other packages",
    "pipeline/test_audit.py::test_beside_a_studys_models_on_its_images": "on 20 images of the study of seconds, with "
    "one of its models: on CIFAR-10 it takes minutes",
    "pipeline/test_audit.py::somebodys_audits": "with 40 images",
    "pipeline/test_readme.py::test_make_targets_exist": "`--dry-run`: they would run this test, or install 6 GB first; "
    "what their recipes call is run by the other tests",
    "pipeline/test_cluster.py::test_the_profile_is_read_with_the_default_one": "`--dry-run`: a cluster is not "
    "everywhere; where Slurm's programs are, test_slurm.py runs it",
    "pipeline/test_cluster.py::test_the_node_says_what_it_takes": "`bash -n`: it needs root and Slurm's programs; "
    "where they are, test_slurm.py runs both",
}


def commands(page: Path) -> list[str]:
    """The lines of a page's bash blocks."""
    blocks = re.findall(r"```bash\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line]


def run_by(name: str) -> list[str]:
    """What the test or fixture of this name has to run, page by page, in the order in which a reader types it."""
    (pages,) = (pages for test, pages in RUN_BY.items() if test.endswith(f"::{name}"))
    return [command for found in pages.values() for command in found]


def for_tiny(text: str) -> str:
    """The same for the study of seconds, which stands for digits in tests."""
    return re.sub(r"\bdigits\b(?!-)", "tiny", text)
