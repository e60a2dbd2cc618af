"""Every produced file is in docs/artefacts.md, with just its datasets or columns, their types and dimensions."""

from __future__ import annotations

import json
import re
from pathlib import Path

import h5py
import pandas as pd
import pytest
from project import Project
from safetensors import safe_open

from ineq.io.checksum import checksum_error
from ineq.planning.registry import STAGES
from ineq.planning.stage import RECORD
from ineq.stages.figures import FIGURES
from ineq.stages.paper import PAPER

ROOT = Path(__file__).resolve().parents[2]
Entry = tuple[str, str]


def dictionary() -> dict[str, dict[str, Entry]]:
    """Datasets or columns by file: type and stage."""
    found: dict[str, dict[str, Entry]] = {}
    for line in (ROOT / "docs" / "artefacts.md").read_text().splitlines():
        if line.startswith("| `"):
            file, stage, names, kind, _ = (cell.strip() for cell in line.strip("|").split(" | "))
            for name in re.findall(r"`([^`]+)`", names) or [names]:
                found.setdefault(file.strip("`"), {})[name] = (kind, stage)
    return found


@pytest.fixture(scope="module")
def produced(run_by_snakemake: Project) -> dict[str, list[Path]]:
    """Produced files by their entry."""
    files = [run_by_snakemake.root / "results" / "tiny" / path for path in run_by_snakemake.results()]
    patterns = {
        entry: re.compile(
            re.sub(r"<(?:model|method|attack|figure)>", "[^/]+", entry)
            .replace("<every folder>", ".+")
            .replace("<table>", f"(?:{'|'.join(PAPER)})")
        )
        for entry in dictionary()
    }
    base = run_by_snakemake.root / "results" / "tiny"
    found: dict[str, list[Path]] = {entry: [] for entry in patterns}
    for file in files:
        entries = [entry for entry, pattern in patterns.items() if pattern.fullmatch(str(file.relative_to(base)))]
        assert len(entries) == 1, f"{file} has {len(entries)} entries in docs/artefacts.md"
        found[entries[0]].append(file)
    return found


def test_every_entry_is_produced_by_its_stage(produced: dict[str, list[Path]]) -> None:
    assert all(produced.values()), "a file that no stage of the tests' study writes"
    # Of several stages that make the same file for different models, the first is named.
    each = reversed(STAGES.values())
    stages = {stage.path(output.file): stage.name for stage in each for output in stage.outputs.values()}
    written = {
        path.replace("results/{study}/", "").replace("{", "<").replace("}", ">"): s for path, s in stages.items()
    }
    written = {re.sub(f"figures/({'|'.join(FIGURES)})[.]", "figures/<figure>.", path): s for path, s in written.items()}
    written = {re.sub(f"paper/({'|'.join(PAPER)})[.]", "paper/<table>.", path): s for path, s in written.items()}
    named = {file: {stage for _, stage in entry.values()} for file, entry in dictionary().items() if RECORD not in file}
    assert named == {file: {stage} for file, stage in written.items()}


def datasets(file: h5py.File) -> dict[str, h5py.Dataset]:
    """Every dataset by its path in the file."""
    names: list[str] = []
    file.visit(names.append)
    return {name: item for name in names if isinstance(item := file[name], h5py.Dataset)}


def test_hdf5_files(produced: dict[str, list[Path]]) -> None:
    for entry, files in produced.items():
        for path in files if entry.endswith(".h5") else ():
            wanted = dictionary()[entry]
            assert checksum_error(path) == ""
            with h5py.File(path) as file:
                found = datasets(file)
                seen = {re.sub("/(gray|white)$", "/black", name) for name in found}
                assert seen == set(wanted), path
                assert set(json.loads(str(file.attrs["units"]))) == set(found)
                assert {"stage", "parameters", "units", "attributes"} == set(file.attrs)
                for name, dataset in found.items():
                    kind = wanted[re.sub("/(gray|white)$", "/black", name)][0]
                    dtype, axes = kind.split(" ", 1)
                    # "budgets…" are one axis, or several.
                    least = axes.count(",") + 1
                    fits = dataset.ndim >= least if "…" in axes else dataset.ndim == least
                    assert str(dataset.dtype) == dtype and fits, (path, name)


def test_tables(produced: dict[str, list[Path]]) -> None:
    kinds = {"int": "i", "float": "fi", "any": "Oifb", "text": "O"}
    for entry, files in produced.items():
        for path in files if entry.endswith(".csv") else ():
            table = pd.read_csv(path)
            assert set(table) == set(dictionary()[entry]), path
            for column, (kind, _) in dictionary()[entry].items():
                wanted = kinds[kind] if kind != "any" else None
                assert wanted is None or table.empty or table[column].dtype.kind in wanted, (path, column)


def test_checkpoints_have_one_metadata_key(produced: dict[str, list[Path]]) -> None:
    for path in produced["models/<model>/checkpoint.safetensors"]:
        with safe_open(path, framework="numpy") as file:
            (content,) = file.metadata().values()
        assert {"stage", "architecture", "normalisation", "parameters"} <= set(json.loads(content))


def test_json(produced: dict[str, list[Path]]) -> None:
    for path in produced["<every folder>/record.json"]:
        record = json.loads(path.read_text())
        computed = {"arithmetic"} if STAGES[record["stage"]].runs_model else set()
        assert set(record) == {"stage", "axes", "parameters", "code", "inputs", "outputs"} | computed
    assert set(json.loads(produced["tables/metrics.json"][0].read_text())) == {
        "standard",
        "linf-0.3",
        "pruned",
        "imported",
    }
