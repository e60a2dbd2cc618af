"""Commands about parameters."""

from __future__ import annotations

import sys

import typer

from ineq.cli.usage import AsJson, Group, tell

app = typer.Typer(cls=Group, rich_markup_mode=None, help="Parameters of the current study.")


@app.command(epilog="Example: ineq params check")
def check(as_json: AsJson = False) -> None:
    """Check params.yaml and the cards it names."""
    from ineq.config.activate import notices
    from ineq.config.study import load_study

    study = load_study()
    for sentence in notices():
        print(sentence, file=sys.stderr)
    models, maps = list(study.cards), [f"{model}/{method}" for model, method in study.maps()]
    text = f"params.yaml is a valid study '{study.name}' of {len(models)} models and {len(maps)} maps"
    tell({"study": study.name, "models": models, "maps": maps}, text, as_json)
