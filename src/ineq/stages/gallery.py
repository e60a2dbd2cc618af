"""For some images every model's map, and the smallest attacks that break it."""

from __future__ import annotations

from ineq.planning.stage import SPACE, Output, Stage, document
from ineq.runtime.run import Run
from ineq.stages.tables import SHOWN

STAGE = Stage(
    name="gallery",
    summary="Show for some images every model's map, and the smallest attacks that break it.",
    folder="gallery",
    inputs={
        **{name: f"tables.{name}" for name in SHOWN},
        "sample": "sample.sample",
        "maps": "attribute.maps",
        "inequality": "inequality.inequality",
        "records": "occlusion.occlusion",
        "noised": "noise.noise",
        "random": "random_occlusion.occlusion",
    },
    outputs={
        "gallery": Output(
            "gallery.json",
            document(
                "JSON",
                "`method` and `color` shown, `pair` (standard and most robust model), `exact` "
                "(pictures are not shrunk), `models` with their colours, and `groups` of images: "
                "each image with its `index` in the split and, by model, `gini`, `lorenz` (an SVG "
                "path in a square of 100), `map` and `cut` (at ±3 σ) as pictures, and what broke "
                "it first: `occlusion` and `noise`, null where none did, with the picture, the new "
                "`prediction` and in how many draws (`random`: of the random twin's) it does",
            ),
        ),
    },
    parameters=(
        *SPACE,
        *("inequality.region", "inequality.importance", "attack.seed", "attack.noise.clip", "gallery"),
    ),
)


def main(run: Run) -> None:
    """Choose images, and write what the report shows of them."""
    from ineq.attacks.recordfile import read_record
    from ineq.figures.read import read_findings
    from ineq.gallery.build import Attacks, gallery
    from ineq.io.text import write_json

    found = read_findings(run.inputs, run["inequality.region"], run["inequality.importance"])
    space = {"mean": run["data.mean"], "std": run["data.std"]}
    attacks = Attacks(
        {key: read_record(path, "noise") for key, path in run.inputs["noised"].items()},
        {model: read_record(path, "random_occlusion") for model, path in run.inputs["random"].items()},
        {"seed": run["attack.seed"], "clip": run["attack.noise.clip"], **space},
    )
    write_json(run.outputs["gallery"], gallery(found, attacks, run["gallery.images"]))
