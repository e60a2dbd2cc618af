"""The jobs of a study: a stage on a model and a method, with the paths, parameters and command of just that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ineq.config.study import Study
from ineq.errors import InputError, refuse_unknown
from ineq.io.text import digest
from ineq.planning.cost import Work
from ineq.planning.registry import STAGES, source
from ineq.planning.stage import RECORD, Stage, covers, model_leaf

SHOWN = 5
"""Missing files that are named."""


@dataclass(frozen=True)
class Job:
    """One stage on one model and method: the unit that both engines run, cache and record."""

    study: Study
    stage: Stage
    axes: Mapping[str, str]

    @property
    def name(self) -> str:
        """For people: `occlusion standard/integrated_gradients`."""
        return " ".join([self.stage.name, "/".join(self.axes.values())]).strip()

    @property
    def slug(self) -> str:
        """For names of files: `occlusion-standard-integrated_gradients`."""
        return "-".join([self.stage.name, *self.axes.values()])

    @property
    def log(self) -> Path:
        """Where it says what it does; volatile, so outside every folder that an engine looks at."""
        return Path("results", self.study.name, ".runs", f"{self.slug}.log")

    def _fill(self, template: str, **axes: str) -> Path:
        return Path(template.format(study=self.study.name, **{**self.axes, **axes}))

    @cached_property
    def outputs(self) -> dict[str, Path]:
        """Output paths by name, the record among them."""
        return {name: self._fill(template) for name, template in self.stage.files.items()}

    @property
    def record(self) -> Path:
        """The path of its record."""
        return self.outputs["record"]

    @cached_property
    def inputs(self) -> dict[str, Path | dict[str, Path]]:
        """Input paths by name; a fan-in is a dict by `model` or `model/method`."""
        source_files = {name: self._source_file(template) for name, template in self.stage.source_files.items()}
        return source_files | {name: self._input(reference) for name, reference in self.stage.inputs.items()}

    def _source_file(self, template: str) -> Path:
        """A leaf's key may stand in it: `{data.path}`."""
        leaves = {f"{{{key}}}": value for key, value in self.study.leaves.items() if "." in key}
        return Path(leaves[template]) if template in leaves else self._fill(template)

    def _input(self, reference: str) -> Path | dict[str, Path]:
        stage, output = source(reference)
        template = stage.files[output]
        if key := model_leaf(reference):
            return self._fill(template, model=self.study.leaves[key])
        if not self.stage.fans_in(stage):
            return self._fill(template)
        values = instances(self.study, stage, self.study.leaves[self.stage.goes_over(stage)])
        return {"/".join(axes.values()): self._fill(template, **axes) for axes in values}

    @property
    def input_files(self) -> list[Path]:
        """All input paths."""
        return [path for item in self.inputs.values() for path in (item.values() if isinstance(item, dict) else [item])]

    @property
    def source_paths(self) -> list[Path]:
        """Input paths that no stage makes."""
        return [path for name in self.stage.source_files if isinstance(path := self.inputs[name], Path)]

    @property
    def input_records(self) -> dict[Path, Path]:
        """For each input that a stage makes, the record beside it: a job reads that, too, to see what it is given."""
        return {path: path.with_name(RECORD) for path in self.input_files if path not in self.source_paths}

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """The leaves it uses, of `params.yaml` and of cards (`card.…`; `card.<model>.…` where it reads several)."""
        leaves = {key: self.study.leaves[key] for key in self.stage.keys(self.study, self.axes)}
        return {"study": self.study.name} | leaves | self._card_leaves()

    @property
    def parameters_digest(self) -> str:
        """What an engine that plans this job hands to it, so that it notices parameters that have changed since."""
        return digest(self.parameters)[:16]

    def _card_leaves(self) -> dict[str, Any]:
        # A stage of the whole study reads the cards of those models whose checkpoints it reads, or of all.
        several = self.study.leaves[self.stage.fan_in.get("train", "models")]
        models = [self.axes["model"]] if "model" in self.stage.axes else several
        leaves = {}
        for model in models if self.stage.card else ():
            for key, value in self.study.card_leaves(model).items():
                if any(covers(f"card.{section}", key) for section in self.stage.card):
                    leaves[key if "model" in self.axes else key.replace("card.", f"card.{model}.", 1)] = value
        return leaves

    @property
    def runs(self) -> tuple[tuple[str, str], ...]:
        """Kind and name of each method or attack whose code it runs."""
        kind = self.stage.runs
        names = [self.axes[kind]] if kind in self.axes else self.study.all_of(kind) if kind else []
        return tuple((kind, name) for name in names)

    @property
    def options(self) -> dict[str, Any]:
        """The leaves that are the options of its method or attack, by their full keys."""
        keys = self.stage.options(self.axes)
        values = {leaf: value for leaf, value in self.parameters.items() if any(covers(key, leaf) for key in keys)}
        # A plug-in that is given no options has an empty mapping in their place.
        return {leaf: value for leaf, value in values.items() if value != {}}

    def work(self, split_size: int) -> Work:
        """An estimate of what it takes; `split_size` is the number of images in the evaluation split."""
        return self.stage.cost(self.study, self.axes, split_size)

    @property
    def command(self) -> str:
        """What the engines run."""
        return self.stage.command.format(**self.axes)


def instances(study: Study, stage: Stage, models: list[str]) -> Iterator[dict[str, str]]:
    """The values of a stage's axes, restricted to `models`; those that a stage like it takes over are among them."""
    values = {
        (): [()],
        ("model",): [(model,) for model in study.parameters.models],
        ("method",): [(method,) for method in study.all_of("method")],
        ("model", "method"): study.maps(),
        ("model", "attack"): study.random_attacks(),
        ("model", "method", "attack"): study.attacks(),
    }[stage.axes]
    for combination in values:
        axes = dict(zip(stage.axes, combination, strict=True))
        if "model" not in axes or axes["model"] in models:
            yield axes


def jobs(study: Study) -> list[Job]:
    """Every job of a study, sources before what reads them."""
    return [
        Job(study, stage, axes)
        for stage in STAGES.values()
        for axes in instances(study, stage, study.leaves[stage.model_list])
    ]


def missing_sources(planned: Iterable[Job]) -> dict[Path, str]:
    """The files that no stage makes, data or a model that comes as a file, and that are not there; each with a job."""
    missing = {}
    for one in planned:
        for path in one.source_paths:
            if not (one.study.root / path).exists():
                missing[path] = one.name
    return missing


def refuse_missing(planned: Iterable[Job]) -> None:
    """Raise `InputError` where there are `missing_sources`."""
    missing = missing_sources(planned)
    if missing:
        lines = [f"{path} is missing, which `{name}` reads" for path, name in missing.items()]
        more = [f"… and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
        hint = "`ineq study fetch` downloads checkpoints of third parties; data sets are yours to put there"
        raise InputError("\n".join([*lines[:SHOWN], *more, hint]))


def job(study: Study, stage: str, **axes: str) -> Job:
    """One job; raises `InputError` for a stage, model or method that the study doesn't have."""
    refuse_unknown("stage", stage, STAGES)
    entry = STAGES[stage]
    if "model" in entry.axes:
        refuse_unknown("model", axes["model"], study.parameters.models)
        if axes["model"] not in study.leaves[entry.model_list]:
            raise InputError(
                f"params.yaml: '{entry.model_list}' does not name model '{axes['model']}', so it has no such job"
            )
    if "method" in entry.axes:
        refuse_unknown("method", axes["method"], study.all_of("method"))
        if "model" in axes and (axes["model"], axes["method"]) not in study.maps():
            raise InputError(
                f"params.yaml: 'maps.{axes['method']}' does not name model '{axes['model']}', so it has no such job"
            )
    if "attack" in entry.axes:
        refuse_unknown("attack", axes["attack"], study.all_of("attack"))
    if axes not in instances(study, entry, study.leaves[entry.model_list]):
        raise InputError(f"params.yaml: stage '{stage}' has no job {'/'.join(axes.values())} in study '{study.name}'")
    return Job(study, entry, axes)
