"""The command that audits a model of one's own."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ineq.cli.usage import AsJson, tell
from ineq.cores import cores

Checkpoint = Annotated[
    Path, typer.Argument(help="State dict of the model, of torch or safetensors; or robustbench:NAME.")
]
Architecture = Annotated[
    str, typer.Option("--architecture", "-a", help="torchvision.NAME, timm.NAME, module:function, or this project's.")
]
Images = Annotated[Path | None, typer.Option(help="Your images instead: class/image in a folder or zip.")]
DataSet = Annotated[str, typer.Option(help="Data set of robustbench:NAME: cifar10, cifar100, imagenet.")]
Count = Annotated[int | None, typer.Option(min=20, help="Images evaluated; without it 200, or 50 with --quick.")]
Quick = Annotated[
    bool, typer.Option("--quick", help="A sixth to a twelfth of the work: fewer images, colours, budgets.")
]
# What can be said of each of two models.
Mean = Annotated[str | None, typer.Option(help="What the model subtracts, a number a channel or one: 0.49,0.48,0.45.")]
Std = Annotated[str | None, typer.Option(help="What it divides by; else as the file says, the study's, or 0 and 1.")]
Second = Annotated[Path | None, typer.Option(help="State dict of another model, to compare both.")]
SecondArchitecture = Annotated[str, typer.Option(help="Its architecture, where it is another.")]
SecondMean = Annotated[str | None, typer.Option(help="What it subtracts, where that is another.")]
SecondStd = Annotated[str | None, typer.Option(help="What it divides by; else as the first.")]
Classes = Annotated[
    str, typer.Option(help="File with the class of each folder; numbers: the folders' names are these.")
]


def audit(
    checkpoint: Checkpoint,
    architecture: Architecture = "",
    study: Annotated[str, typer.Option(help="Study whose images and models it is held against, such as cifar10.")] = "",
    images: Images = None,
    classes: Classes = "",
    size: Annotated[int | None, typer.Option(min=8, help="Side that --images are scaled and cut to.")] = None,
    mean: Mean = None,
    std: Std = None,
    width: Annotated[int, typer.Option(min=1, help="Channels of the first stage of this project's networks.")] = 64,
    second: Second = None,
    second_architecture: SecondArchitecture = "",
    second_mean: SecondMean = None,
    second_std: SecondStd = None,
    model_name: Annotated[str, typer.Option(help="What to call the model; else by its file's name.")] = "",
    second_name: Annotated[str, typer.Option(help="What to call the second model.")] = "",
    dataset: DataSet = "cifar10",
    threat_model: Annotated[str, typer.Option(help="Its threat model: Linf, L2, corruptions.")] = "Linf",
    model_dir: Annotated[Path, typer.Option(help="Folder that RobustBench keeps its files below.")] = Path("models"),
    count: Count = None,
    quick: Quick = False,
    name: Annotated[str, typer.Option(help="Folder in audits/ for all that is made; else the model's name.")] = "",
    cores: Annotated[int, typer.Option(min=1, help="Jobs at once.")] = cores(),
    as_json: AsJson = False,
) -> None:
    """Audit a model that no study has seen.

    The pipeline's own stages run on a sample, in minutes; a report and a verdict say how unequal and how fragile it is.
    """
    from ineq.auditing.request import Zoo, pair
    from ineq.auditing.run import audit as run_audit
    from ineq.auditing.study import AuditRequest
    from ineq.model_audit.sizes import FULL, QUICK

    effort, first = QUICK if quick else FULL, (checkpoint, architecture, model_name, mean, std)
    other = (second, second_architecture, second_name, second_mean, second_std)
    subjects = pair(first, other, width, Zoo(dataset, threat_model, model_dir))
    request = AuditRequest(subjects, count or effort.images, study, images, size, classes, effort)
    verdict = run_audit(name or subjects[0].name, request, cores, partial(print, file=sys.stderr))
    tell(verdict.json, verdict.text, as_json)
