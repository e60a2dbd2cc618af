"""The gallery's content as its template shows it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

from ineq.figures.style import method_title


def shown(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content of `gallery.json` with its images numbered through, and with each model's name and colour at hand."""
    numbers = count(1)
    groups = [
        {"title": group["title"], "images": [_image(image, next(numbers), content) for image in group["images"]]}
        for group in content["groups"]
    ]
    images = [image for group in groups for image in group["images"]]
    return {**content, "method": method_title(content["method"]), "groups": groups, "images": images}


def _image(image: Mapping[str, Any], number: int, content: Mapping[str, Any]) -> dict[str, Any]:
    models = [{**about, **results} for about, results in zip(content["models"], image["models"], strict=True)]
    return {**image, "number": number, "models": models}
