"""The command `ineq`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from ineq.errors import EXIT_CODE, InputError

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="How unequal, and how fragile?"
)
study_app = typer.Typer(no_args_is_help=True, help="Studies: whole configurations.")
params_app = typer.Typer(no_args_is_help=True, help="Parameters of the current study.")
app.add_typer(study_app, name="study")
app.add_typer(params_app, name="params")


@app.command()
def adopt() -> None:
    """Let Snakemake and DVC both take the present results for theirs, after verifying every record. Runs no stage."""
    from ineq.config.study import load_study
    from ineq.pipeline.adopt import adopt as adopt_study
    from ineq.pipeline.alone import alone

    # Both engines take the lock again.
    os.close(alone())
    study = load_study()
    print(f"{adopt_study(study)} jobs of study '{study.name}' verified and adopted: both engines have nothing to do")


@app.command()
def explain(
    file: Annotated[Path, typer.Argument(help="A file of the current study's results.")],
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Say what made a result, and what has changed since: ineq explain results/digits/tables/gini.csv."""
    from ineq.config.study import load_study
    from ineq.pipeline.explain import explain as explain_file
    from ineq.pipeline.explain import shown

    found = explain_file(load_study(), file)
    print(json.dumps(found, indent=1) if as_json else shown(found))


@study_app.command("clean")
def clean(name: Annotated[str, typer.Argument(help="Study: studies/NAME.yaml.")]) -> None:
    """Remove one study's results, and nothing else: ineq study clean digits."""
    from ineq.pipeline.alone import alone
    from ineq.pipeline.clean import clean as clean_study

    alone()
    for path in clean_study(Path("."), name):
        print(f"removed {path}")


@study_app.command("use")
def use(
    name: Annotated[str, typer.Argument(help="Study: studies/NAME.yaml.")],
    discard: Annotated[bool, typer.Option("--discard", help="Lose changes made to params.yaml.")] = False,
) -> None:
    """Make a study the current params.yaml, for instance: ineq study use digits."""
    from ineq.config.switch import use_study
    from ineq.pipeline.alone import alone

    # Jobs read params.yaml when they start.
    alone()
    use_study(Path("."), name, discard=discard)
    print(f"params.yaml is now study '{name}'")


@study_app.command("list")
def list_studies() -> None:
    """List the studies; the current one has a star."""
    from ineq.config.loader import load_parameters
    from ineq.config.study import studies

    current = load_parameters().study
    for name in studies(Path(".")):
        print(f"{'*' if name == current else ' '} {name}")


@study_app.command("publish")
def publish() -> None:
    """Copy the small results of the current study to docs/results/, to be committed, after verifying every record."""
    from ineq.config.study import load_study
    from ineq.pipeline.adopt import verify
    from ineq.pipeline.readme import publish as publish_study

    study = load_study()
    verify(study)
    for path in publish_study(study.name):
        print(path)


@study_app.command("ship")
def ship(
    models: Annotated[list[str], typer.Argument(help="Models of the current study, trained here.")],
    to: Annotated[str, typer.Option("--to", help="Study whose models they become.")],
    made: Annotated[str, typer.Option("--made", help="For their cards: how they were made, and from what.")],
) -> None:
    """Copy trained models into another study, which imports them: ineq study ship standard --to cifar10 --made …."""
    from ineq.config.study import load_study
    from ineq.pipeline.ship import ship as ship_models

    for path in ship_models(load_study(), models, to, made):
        print(path)


@study_app.command("fetch")
def fetch() -> None:
    """Download the current study's checkpoints of third parties, and write each one's SHA-256 on its card."""
    from ineq.config.study import load_study
    from ineq.pipeline.fetch import fetch as fetch_checkpoints

    fetch_checkpoints(load_study(), print)


@study_app.command("estimate")
def estimate(
    images: Annotated[
        int, typer.Option(min=1, help="Images in the evaluation split, where `predict` has not run yet.")
    ] = 50000,
    tflops: Annotated[
        float | None,
        typer.Option(min=0.01, help="Assume a device of so many 10¹² operations a second, instead of timing this one."),
    ] = None,
) -> None:
    """Say how many passes, how much time on this machine and how much room the current study takes. Runs no stage."""
    from ineq.config.study import load_study
    from ineq.models.timing import cost, operations
    from ineq.pipeline.estimate import assumed, measured, rows, shown

    study = load_study()
    runtime, (channels, height, width) = study.parameters.runtime, study.parameters.data.shape
    known: dict[str, tuple[float, float]] = {}

    def taken(model: str) -> tuple[float, float]:
        card = study.cards[model].model_dump()
        network = repr(card["architecture"])
        if network not in known:
            shape = channels, height, width
            if tflops:
                forward, gradient = operations(card, shape)
                known[network] = forward / tflops / 1e12, gradient / tflops / 1e12
            else:
                known[network] = cost(card, shape, runtime.model_dump())
        return known[network]

    print(shown(list(rows(study, images, taken)), assumed(tflops) if tflops else measured(runtime.threads)))


@study_app.command("pick")
def pick(
    source: Annotated[Path, typer.Argument(help="Folder or zip file of images.")],
    target: Annotated[Path, typer.Argument(help="Zip file to write.")],
    images: Annotated[int, typer.Option(help="Images to pick.")],
    split: Annotated[str, typer.Option(help="Split to pick from.")] = "test",
    seed: Annotated[int, typer.Option(help="Seed of the draw.")] = 0,
) -> None:
    """Pick images to ship with a study: ineq study pick data/cifar10-jpeg.zip data/cifar10/test.zip --images 4500."""
    from ineq.data.pick import pick as pick_images

    print(f"{target}: {images} images, {pick_images(source, target, split, images, seed) / 1e6:.1f} MB")


@params_app.command("check")
def check() -> None:
    """Check params.yaml and the cards it names."""
    from ineq.config.study import load_study

    study = load_study()
    print(f"params.yaml is a valid study '{study.name}' of {len(study.cards)} models and {len(study.maps())} maps")


@params_app.command("generate")
def generate() -> None:
    """Write what is generated: dvc.yaml, the README's blocks, docs/parameters.md and the JSON schemas."""
    from ineq.pipeline.generated import generated

    try:
        texts = generated()
    except FileNotFoundError as error:
        raise InputError(f"{error.filename} is missing: run it in the project's own folder") from None
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(path)


def main() -> None:
    """Run the command line; bad input is one sentence and exit code 2."""
    try:
        app()
    except InputError as error:
        print(f"ineq: {error}", file=sys.stderr)
        sys.exit(EXIT_CODE)
