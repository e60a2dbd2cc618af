"""A stage's code digest: what it means, of what it imports."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from ineq.device import batch_size
from ineq.errors import InputError
from ineq.planning.registry import STAGES
from ineq.provenance.code import PACKAGE, ROOMS, describe, describe_stage, meaning

ROOT = Path(__file__).resolve().parents[2]
CODE = '"""Doc."""\n\ndef f(x):\n    """Doc."""\n    return x + 1\n'


@pytest.mark.parametrize(
    "same",
    [
        CODE.replace("return", "# why\n    return"),
        CODE.replace("Doc.", "Other."),
        CODE.replace("x + 1", "(x   +   1)"),
        CODE + "\n\n",
    ],
)
def test_comments_docstrings_and_layout_mean_nothing(tmp_path: Path, same: str) -> None:
    (tmp_path / "a.py").write_text(CODE)
    (tmp_path / "b.py").write_text(same)
    assert meaning(tmp_path / "a.py") == meaning(tmp_path / "b.py")


@pytest.mark.parametrize(
    "other", [CODE.replace("+ 1", "+ 2"), CODE.replace("+", "-"), CODE + "f(1)\n", CODE + "'text'\n"]
)
def test_statements_do(tmp_path: Path, other: str) -> None:
    (tmp_path / "a.py").write_text(CODE)
    (tmp_path / "b.py").write_text(other)
    assert meaning(tmp_path / "a.py") != meaning(tmp_path / "b.py")


def test_a_relative_import_and_broken_code_are_refused(tmp_path: Path) -> None:
    for text, sentence in {"from . import x\n": "relative import", "def f(:\n": "line 1"}.items():
        (tmp_path / "a.py").write_text(text)
        with pytest.raises(InputError, match=sentence):
            describe({"a": tmp_path / "a.py"})


LISTING = """
import ast, json, os, sys
import captum.attr, pandas, sklearn.datasets, torchvision  # loaded once, so that the children are quick

for file in sys.argv[1:]:
    if not os.fork():
        functions = [node for node in ast.parse(open(file).read()).body if isinstance(node, ast.FunctionDef)]
        imports = [node for function in functions for node in ast.walk(function) if isinstance(node, ast.ImportFrom)]
        exec(compile(ast.Module(imports, []), file, "exec"))
        print(json.dumps([file, [name for name in sys.modules if name.startswith("ineq")]]), flush=True)
        os._exit(0)
    assert os.wait()[1] == 0, file
"""


def test_the_digest_covers_what_the_stages_really_import() -> None:
    """Do the imports of their functions, and compare with what was found by reading; only wiring may be missing."""
    files = {str(PACKAGE / "stages" / f"{stage}.py"): stage for stage in STAGES}
    command = [sys.executable, "-W", "ignore", "-c", LISTING, *files]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    wiring = re.compile(rf"ineq$|ineq\.({'|'.join(ROOMS)}|extras)\b")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == len(STAGES)
    for file, modules in lines:
        really = {name for name in modules if not wiring.match(name)}
        assert really and really <= set(describe_stage(files[file], ROOT)["modules"]), file


@pytest.mark.parametrize("stage", STAGES)
def test_what_a_stage_computes_with_is_in_its_functions(stage: str) -> None:
    """The rest of its module is left out of the digest, as a declaration that is tracked by itself."""
    tree = ast.parse((PACKAGE / "stages" / f"{stage}.py").read_text(encoding="utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name != "cost"]
    plain = (ast.FunctionDef, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.Expr)
    assert all(isinstance(node, plain) for node in tree.body), "no class and no condition, which the digest leaves out"
    outside = bound(node for node in tree.body if not isinstance(node, ast.FunctionDef))
    assert "main" in {each.name for each in functions}
    for each in functions:
        parts = [*each.body, *each.args.defaults, *filter(None, each.args.kw_defaults), *each.decorator_list]
        used = {node.id for part in parts for node in ast.walk(part) if isinstance(node, ast.Name)}
        assert not used & (outside - bound(each.body)), f"{stage}: {used & outside} is outside of its functions"


def test_what_chooses_a_batch_size_is_code_of_every_stage_that_asks_for_one() -> None:
    """`Run`, which hands it on, is no stage's code."""
    modules = {name: (PACKAGE / "stages" / f"{name}.py").read_text(encoding="utf-8") for name in STAGES}
    asking = [name for name, text in modules.items() if "run.batch_size" in text]
    assert {"attribute", "controls", "attack", "random_attack"} < set(asking)
    assert all(batch_size.__module__ in describe_stage(name)["modules"] for name in asking)


def bound(nodes: Iterable[ast.AST]) -> set[str]:
    """Names that statements bind, by an import or by an assignment of any form."""
    inside = [node for one in nodes for node in ast.walk(one)]
    imports = [node for node in inside if isinstance(node, ast.Import | ast.ImportFrom)]
    values = {node.id for node in inside if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return values | {name.asname or name.name for node in imports for name in node.names}


def test_a_declaration_is_no_code_and_a_function_is(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "ineq")
    module = tmp_path / "ineq" / "stages" / "attack.py"
    before = module.read_text(encoding="utf-8")
    program = "from ineq.provenance.code import describe_stage as d; print(d('attack')['modules'])"

    def described(text: str) -> str:
        module.write_text(text, encoding="utf-8")
        environment = {"PYTHONPATH": str(tmp_path)}
        command = [sys.executable, "-c", program]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout

    own = described(before)
    assert described(before.replace('summary="', 'summary="In short: ').replace("Work(", "Work(2 * ")) == own
    assert described(before.replace("attack_of(", "list(")) != own


def test_editing_the_copy_changes_the_copy_only(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src", tmp_path / "src")
    shutil.copytree(ROOT / "workflow", tmp_path / "workflow")
    target = tmp_path / "src" / "ineq" / "inequality" / "measures.py"
    target.write_text(target.read_text() + "\nEDITED = 1\n")
    program = "from ineq.provenance.code import describe_stage as d; print(d('inequality')['modules'])"
    found = {
        str(root): subprocess.run(
            [sys.executable, "-c", program],
            cwd=root,
            env={"PYTHONPATH": str(root / "src")},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for root in (ROOT, tmp_path)
    }
    assert len(set(found.values())) == 2


def test_packages_are_named_with_their_versions() -> None:
    packages = describe_stage("attribute", ROOT)["packages"]
    assert {"python", "torch", "captum", "numpy", "h5py"} <= set(packages)
    assert "not installed" not in packages.values()
