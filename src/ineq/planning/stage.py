"""What a stage is: its inputs, outputs, parameters and command, as templates. Pure Python, no torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from ineq.config.options import BUILT_IN, models_key, option_keys
from ineq.config.study import Study
from ineq.planning.cost import Work

RECORD = "record.json"
# Parameters that many stages use: what changes last bits, the study's normalised space, and a card's network.
EXACT = ("runtime.threads", "runtime.batch_size", "runtime.gpu_batch_size")
RUNTIME = (*EXACT, "runtime.precision")
SPACE = ("data.mean", "data.std")
OPTIONS = ("{method}", "{attack}", "{models}")
"""What stands for leaves that differ from method to method, or attack to attack."""
NETWORK = ("architecture", "normalisation")


class Content(NamedTuple):
    """Columns of a table or datasets of an HDF5 file that have one type and one explanation; a document has no names.

    For `docs/artefacts.md`, against which a test reads every file: `type` is a column's (int, float, text, any), a
    dataset's (`int16 (N)`), or a document's (JSON, SVG).
    """

    names: tuple[str, ...]
    type: str
    meaning: str


class Output:
    """A file that a stage writes, relative to the job's folder, or to the study's where it begins with a slash.

    `shown` is the name that several files of one content go by in documentation, such as `<table>.csv`.
    """

    def __init__(self, file: str, *content: Content, shown: str = "") -> None:
        self.file, self.content, self.shown = file, content, shown or file


def columns(names: str, kind: str, meaning: str) -> Content:
    """Columns of a table, or datasets, by their names with commas between."""
    return Content(tuple(names.split(", ")), kind, meaning)


def document(kind: str, meaning: str) -> Content:
    """A file without columns."""
    return Content((), kind, meaning)


def no_work(study: Study, axes: Mapping[str, str], split_size: int) -> Work:
    """What stages take that run no model and write little."""
    return Work()


@dataclass(frozen=True)
class Stage:
    """One stage. `inputs` name other stages' outputs as `stage.output`; several jobs of that stage make a fan-in.
    `stage.output@key` is that output for the model that the leaf `key` names, whatever the job's own model.

    `parameters` are dotted keys of `params.yaml` or whole sections; "{method}" and "{attack}" stand for those that are
    the options of the job's method or attack, without those in `unused`, "{models}" for the list of the method's
    models. `card` are sections of the model's card. `model_list` is the leaf that lists its models; a fan-in goes over
    the models that its source lists, or over those of the leaf that `fan_in` names for that source. `source_files` are
    templates of files that no stage makes: with `{study}`, `{model}`, or a leaf's key as in `{data.path}`.
    `same_outputs_as` is the stage whose outputs it makes (and maybe more), for other models. `runs` is "method" or
    "attack" for a stage that runs the code of one: of that which its axis names or, without such an axis, of all that
    the study has. `cost` estimates what a job takes, where the evaluation split has so many images.
    """

    name: str
    summary: str
    folder: str
    outputs: Mapping[str, Output]
    axes: tuple[str, ...] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)
    parameters: tuple[str, ...] = ()
    card: tuple[str, ...] = ()
    fan_in: Mapping[str, str] = field(default_factory=dict)
    source_files: Mapping[str, str] = field(default_factory=dict)
    model_list: str = "models"
    same_outputs_as: str = ""
    runs: str = ""
    unused: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    plots: tuple[str, ...] = ()
    cost: Callable[[Study, Mapping[str, str], int], Work] = no_work

    @property
    def runs_model(self) -> bool:
        """Whether it runs a model, and so gains from a GPU."""
        return "runtime.threads" in self.parameters

    @property
    def trains(self) -> bool:
        """Whether it trains a model."""
        return "train.batch_size" in self.parameters

    def path(self, file: str) -> str:
        """The template of one of its files: `results/{study}/<folder>[/{model}[/{method}]]/<file>`.

        One that begins with a slash lies right below `results/{study}`.
        """
        if file.startswith("/"):
            return f"results/{{study}}{file}"
        return "/".join(["results/{study}", self.folder, *(f"{{{axis}}}" for axis in self.axes), file])

    @property
    def files(self) -> dict[str, str]:
        """Every output's template by name, the record last."""
        files = {name: output.file for name, output in self.outputs.items()}
        return {name: self.path(file) for name, file in {**files, "record": RECORD}.items()}

    @property
    def command(self) -> str:
        """The command template: what both engines run, and what a person can run alone."""
        flags = "".join(f" --{axis} {{{axis}}}" for axis in self.axes)
        return f"python workflow/scripts/{self.name}.py{flags}"

    def fans_in(self, source: Stage) -> bool:
        """Whether one job of this stage reads several of `source`."""
        return not set(source.axes) <= set(self.axes)

    def goes_over(self, source: Stage) -> str:
        """The leaf whose models this stage reads of `source`, where it fans in."""
        return self.fan_in.get(source.name, source.model_list)

    def keys(self, study: Study, axes: Mapping[str, str]) -> tuple[str, ...]:
        """The leaves of `params.yaml` that the stage uses for these values of its axes."""
        fixed = tuple(key for key in self.parameters if key not in OPTIONS)
        models = (models_key(axes["method"]),) if "{models}" in self.parameters else ()
        return _covered((*fixed, *self.options(axes), *models), tuple(study.leaves))

    def options(self, axes: Mapping[str, str]) -> tuple[str, ...]:
        """Leaves and sections that are the options of the method or attack that the axes name."""
        kinds = [kind for kind in BUILT_IN if f"{{{kind}}}" in self.parameters]
        return tuple(key for kind in kinds for key in option_keys(kind, axes[kind]) if key not in self.unused)


@cache  # Asked for each of a stage's jobs, which differ at most in their method.
def _covered(keys: tuple[str, ...], leaves: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(leaf for leaf in leaves if any(covers(key, leaf) for key in keys))


@cache
def covers(key: str, leaf: str) -> bool:
    """Whether a dotted key is a leaf or a section that the leaf is in; `*` stands for any name."""
    parts, of = key.split("."), leaf.split(".")
    return len(parts) <= len(of) and all(part in ("*", name) for part, name in zip(parts, of, strict=False))


def model_leaf(reference: str) -> str:
    """The leaf that names the model of an input `stage.output@key`; empty for the job's own model."""
    return reference.partition("@")[2]
