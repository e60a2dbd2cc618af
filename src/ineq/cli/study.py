"""Commands about studies: choosing, sizing, filling and clearing them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ineq.cli.usage import AsJson, Group, tell

if TYPE_CHECKING:
    from ineq.config.study import Study

app = typer.Typer(cls=Group, rich_markup_mode=None, help="Studies: what differs from the base values.")
Name = Annotated[str, typer.Argument(help="Study: studies/NAME.yaml.")]


@app.command("list", epilog="Example: ineq study list --json")
def list_studies(as_json: AsJson = False) -> None:
    """List the studies; the current one has a star."""
    from ineq.config.compose import studies
    from ineq.config.loader import load_parameters

    current = load_parameters().study
    listing = [{"name": name, "current": name == current} for name in studies(Path("."))]
    tell(listing, "\n".join(f"{'*' if study['current'] else ' '} {study['name']}" for study in listing), as_json)


@app.command(epilog="Example: ineq study use digits")
def use(
    name: Name,
    discard: Annotated[bool, typer.Option("--discard", help="Lose changes made to params.yaml.")] = False,
) -> None:
    """Make a study the current one: compose params.yaml from it, the base values and its cards."""
    from ineq.config.activate import use_study
    from ineq.engines.lock import checkout_lock

    # Jobs read params.yaml when they start.
    checkout_lock()
    use_study(Path("."), name, discard=discard)
    print(f"params.yaml is now study '{name}'")


@app.command(epilog="Example: ineq study estimate --tflops 10")
def estimate(
    images: Annotated[
        int | None,
        typer.Option(min=1, help="Images in the evaluation split, instead of counting; 50,000 if there are none yet."),
    ] = None,
    tflops: Annotated[
        float | None,
        typer.Option(min=0.01, help="Assume a device of so many 10¹² operations a second, instead of timing this one."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what the current study takes: passes, hours, room.

    Hours are this machine's, measured, or those of an assumed device. No stage runs.
    """
    from ineq.config.study import load_study
    from ineq.data.count import split_size
    from ineq.planning.estimate import assumed, measured, rows, shown

    study = load_study()
    data, split = study.parameters.data, study.parameters.eval.split
    images = images or split_size(data.name, Path(data.path), data.held_out, split) or 50_000
    device = assumed(tflops) if tflops else measured(study.parameters.runtime.threads)
    stages = list(rows(study, images, _seconds(study, tflops)))
    text = shown(stages, f"{device}, for {images:,} images to evaluate")
    tell({"study": study.name, "device": device, "images": images, "stages": stages}, text, as_json)


def _seconds(study: Study, tflops: float | None) -> Callable[[str], tuple[float, float]]:
    """By model the seconds that an image takes forward, and with its gradient."""
    from ineq.models.timing import cost, operations
    from ineq.planning.estimate import by_model

    channels, height, width = study.parameters.data.shape
    shape = channels, height, width

    def assumed(card: dict[str, Any]) -> tuple[float, float]:
        forward, gradient = operations(card, shape)
        return forward / tflops / 1e12, gradient / tflops / 1e12  # type: ignore[operator]

    def measured(card: dict[str, Any]) -> tuple[float, float]:
        return cost(card, shape, study.parameters.runtime.model_dump())

    return by_model(study, assumed if tflops else measured)


@app.command(epilog="Example: ineq study clean digits")
def clean(name: Name, as_json: AsJson = False) -> None:
    """Remove one study's results, and nothing else."""
    from ineq.engines.lock import checkout_lock
    from ineq.housekeeping.clean import clean as clean_study

    checkout_lock()
    removed = [str(path) for path in clean_study(Path("."), name)]
    tell({"study": name, "removed": removed}, "\n".join(f"removed {path}" for path in removed), as_json)


@app.command(epilog="Example: ineq study publish")
def publish() -> None:
    """Copy the small results to docs/results/, to be committed.

    They are the current study's, and every record is verified first.
    """
    from ineq.config.study import load_study
    from ineq.engines.adopt import verify
    from ineq.housekeeping.publish import publish as publish_study

    study = load_study()
    verify(study)
    for path in publish_study(study.name):
        print(path)


@app.command(epilog='Example: ineq study ship standard --to digits-seeds --made "by study digits"')
def ship(
    models: Annotated[list[str], typer.Argument(help="Models of the current study, trained here.")],
    to: Annotated[str, typer.Option("--to", help="Study whose models they become.")],
    made: Annotated[str, typer.Option("--made", help="For their cards: how they were made, and from what.")],
    new: Annotated[
        bool,
        typer.Option("--new", help="The study is still to be written; measure accuracy on the current one's images."),
    ] = False,
) -> None:
    """Copy trained models into another study, which imports them."""
    from ineq.config.study import load_study
    from ineq.housekeeping.export import export_models

    for path in export_models(load_study(), models, to, made, new):
        print(path)


@app.command(epilog="Example: ineq study fetch")
def fetch() -> None:
    """Download the checkpoints that third parties publish.

    They are those of the current study's `convert.models`; each one's SHA-256 is written on its card.
    """
    from ineq.config.study import load_study
    from ineq.housekeeping.fetch import fetch as fetch_checkpoints

    fetch_checkpoints(load_study(), print)


@app.command(epilog="Example: ineq study pick data/cifar10/test.zip data/few.zip --images 100")
def pick(
    source: Annotated[Path, typer.Argument(help="Folder or zip file of images.")],
    target: Annotated[Path, typer.Argument(help="Zip file to write.")],
    images: Annotated[int, typer.Option(help="Images to pick.")],
    split: Annotated[str, typer.Option(help="Split to pick from.")] = "test",
    seed: Annotated[int, typer.Option(help="Seed of the draw.")] = 0,
) -> None:
    """Pick images to ship with a study."""
    from ineq.data.image_subset import write_image_subset

    print(f"{target}: {images} images, {write_image_subset(source, target, split, images, seed) / 1e6:.1f} MB")
