"""Commands about parameters, and what is made from their schema."""

from __future__ import annotations

import typer

from ineq.cli.usage import AsJson, Group, tell
from ineq.errors import InputError

app = typer.Typer(cls=Group, rich_markup_mode=None, help="Parameters of the current study.")


@app.command(epilog="Example: ineq params check")
def check(as_json: AsJson = False) -> None:
    """Check params.yaml and the cards it names."""
    from ineq.config.study import load_study

    study = load_study()
    models, maps = list(study.cards), [f"{model}/{method}" for model, method in study.maps()]
    text = f"params.yaml is a valid study '{study.name}' of {len(models)} models and {len(maps)} maps"
    tell({"study": study.name, "models": models, "maps": maps}, text, as_json)


@app.command(epilog="Example: ineq params generate")
def generate() -> None:
    """Write what is generated, in the project's own folder.

    That is dvc.yaml, studies/base.yaml, the README's blocks, docs/parameters.md, docs/results.md and the JSON schemas.
    """
    from ineq.pipeline.generated import generated

    try:
        texts = generated()
    except FileNotFoundError as error:
        raise InputError(f"{error.filename} is missing: run it in the project's own folder") from None
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(path)
