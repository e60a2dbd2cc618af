"""From a request to a report and a verdict: predictions first, for a model that is not what it seems needs no more."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import chdir, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from ineq.auditing.cost import cost_sentence
from ineq.auditing.diagnosis import Diagnosis, diagnose
from ineq.auditing.engine import allowing, ending_at_sigterm, run
from ineq.auditing.project import alone, ask_for_fewer, audit_folder, project_root, undone_if_refused, write_project
from ineq.auditing.study import AuditRequest
from ineq.config.study import Study, load_study
from ineq.data.count import split_size
from ineq.errors import InputError
from ineq.io.tables import read_table
from ineq.model_audit.answers import evaluated_count
from ineq.planning.jobs import job
from ineq.report.verdict import space_line, verdict_lines


@dataclass(frozen=True)
class Verdict:
    """What an audit found: its report, each model's verdict in sentences, and the table that they are of."""

    report: Path
    sentences: dict[str, list[str]]
    table: pd.DataFrame
    warnings: list[str]
    space: dict[str, list[float]]
    """`mean` and `std` of the normalised space in which baselines and noise are drawn."""

    @property
    def json(self) -> dict[str, Any]:
        """For programs."""
        rows = self.table.astype(object).where(self.table.notna(), None)
        models = [
            {"model": model, "verdict": said, "rows": rows[rows["model"] == model].to_dict("records")}
            for model, said in self.sentences.items()
        ]
        return {"report": str(self.report), "warnings": self.warnings, "space": self.space, "models": models}

    @property
    def text(self) -> str:
        """For people."""
        lines = ["\n  ".join([f"{model}:", *said]) for model, said in self.sentences.items()]
        return "\n".join([*lines, space_line(**self.space), f"report: {self.report}"])


def audit(name: str, request: AuditRequest, cores: int, say: Callable[[str], object]) -> Verdict:
    """Audit what `request` asks for in `audits/<name>/`; what an earlier one of that name made and still holds is kept.

    An audit that is refused leaves nothing behind; one that is killed goes on where it was.

    `say` gets what a reader should know before the results. Raises `InputError` where a model is right about as often
    as chance, or on too few images, with what would make it better.
    """
    folder, warnings = audit_folder(name), []
    code = [subject for subject in request.subjects if subject.module]
    modules, folders = [subject.module for subject in code], [subject.folder for subject in code]
    # What code of the user's prints is no part of the answer, which may be JSON.
    with redirect_stdout(sys.stderr), ending_at_sigterm(), allowing(modules, folders), alone(folder):
        with undone_if_refused(folder):
            for line in write_project(project_root(), folder, request):
                say(line)
            study = load_study(folder)
            say(cost_sentence(study, _images(study, folder), cores))
            models = study.parameters.models
            predicted = [str(job(study, "predict", model=model).outputs["predictions"]) for model in models]
            run(folder, predicted, "predict", cores, logs_stay=False)
            torch.set_num_threads(cores)  # no job runs beside what follows
            for line in _looked_at(folder, study, request):
                say(line)
                warnings.append(line)
        run(folder, ["all"], "attribute, measure and attack", cores)
    tables = folder / "results" / name / "tables"
    verdict, model_rows = (read_table(tables / f"{table}.csv", "tables") for table in ("verdict", "models"))
    sentences = dict(verdict_lines(verdict, model_rows))
    space = {"mean": study.parameters.data.mean, "std": study.parameters.data.std}
    return Verdict(folder / "results" / name / "report.html", sentences, verdict, warnings, space)


def _images(study: Study, folder: Path) -> int:
    """How many images are predicted."""
    data, split = study.parameters.data, study.parameters.eval.split
    return split_size(data.name, folder / data.path, data.held_out, split)


def _looked_at(folder: Path, study: Study, request: AuditRequest) -> Iterator[str]:
    """What is odd of the models' predictions; fewer images are asked for where there are no more."""
    predictions = {model: _predictions(folder, study, model) for model in study.parameters.models}
    for model in request.names:
        diagnosis = _diagnosed(folder, study, model, predictions[model])
        if diagnosis.refusal:
            raise InputError(f"{model}: {diagnosis.refusal}")
        yield from (f"{model}: {hint}" for hint in diagnosis.hints)
    right = {model: (table["label"] == table["prediction"]).to_numpy() for model, table in predictions.items()}
    size = study.parameters.sample.size
    count, few = evaluated_count([right[model] for model in study.parameters.sample.models], size)
    if count < size:
        ask_for_fewer(folder, count)
    yield from few


def _predictions(folder: Path, study: Study, model: str) -> pd.DataFrame:
    path = job(study, "predict", model=model).outputs["predictions"]
    return read_table(folder / path, "predict", ("label", "prediction"))


def _diagnosed(folder: Path, study: Study, model: str, predictions: pd.DataFrame) -> Diagnosis:
    data, checkpoint = job(study, "data").outputs["data"], job(study, "convert", model=model).outputs["checkpoint"]
    # The index of a large data set names its files as the stages see them.
    with chdir(folder):
        return diagnose(predictions, Path(data), Path(checkpoint), study.cards[model].model_dump())
