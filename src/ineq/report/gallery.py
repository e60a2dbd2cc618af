"""The gallery's content in words: what each picture is, for those who see it and for those who do not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ineq.figures.style import method_title
from ineq.report.words import NOISE

Entry = dict[str, Any]


def shown(content: Mapping[str, Any]) -> Entry:
    """What the template shows: groups of images, numbered through, with captions and alternative texts."""
    numbers = iter(range(1, 1 + sum(len(group["images"]) for group in content["groups"])))
    method, models = method_title(content["method"]), content["models"]
    groups = [
        {
            "title": group["title"],
            "images": [_image(image, next(numbers), models, method, content["color"]) for image in group["images"]],
        }
        for group in content["groups"]
    ]
    return {"groups": groups, "images": [image for group in groups for image in group["images"]]} | {
        key: content[key] for key in ("exact", "color", "pair")
    }


def _image(image: Mapping[str, Any], number: int, models: list[Entry], method: str, color: str) -> Entry:
    name = f"“{image['class']}”, image {image['index']}"
    own = [
        {**about, **found, **_words(found, about["name"], name, method, color)}
        for about, found in zip(models, image["models"], strict=True)
    ]
    ginis = ", ".join(f"{model['name']} {model['told']}" for model in own)
    return {**image, "number": number, "name": name, "models": own, "curves": f"Lorenz curves. Gini index: {ginis}"}


def _words(found: Mapping[str, Any], model: str, name: str, method: str, color: str) -> Entry:
    """Texts of a model's card: `wrong` where it errs anyway, else a try for each attack, None where none broke it."""
    words: Entry = {
        "told": "none: the map is zero" if found["gini"] is None else f"{found['gini']:.3f}",
        "map_alt": f"{method} map of {model} for {name}",
        "wrong": "" if found["right"] else f"Untouched, it says “{found['untouched']}” already: no attack is counted.",
        "tries": [],
    }
    squares, noise = found["occlusion"], found["noise"]
    what = f"{_several(squares['count'], f'{color} square')}, radius {squares['radius']}" if squares else ""
    words["tries"].append(
        _try(squares, what, f"{name} under {what}, where {model} looks", f"No {color} squares break it.")
    )
    values = _several(noise["subpixels"], "value") if noise else ""
    what = f"noise {NOISE[noise['kind']]} {values}: {_of(noise['guided'])}" if noise else ""
    words["tries"].append(_try(noise, what, f"{name} with {what}, those that {model} looks at", "No noise breaks it."))
    return words if found["right"] else {**words, "tries": []}


def _try(found: Entry | None, what: str, alt: str, none: str) -> Entry:
    if found is None:
        return {"none": none}
    told = {key: found[key] for key in ("picture", "prediction")}
    return {"none": "", **told, "what": what[0].upper() + what[1:], "alt": alt, "random": _of(found["random"])}


def _several(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number > 1)}"


def _of(counted: list[int]) -> str:
    return f"{counted[0]} of {_several(counted[1], 'draw')}"
