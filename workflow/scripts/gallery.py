"""Stage gallery: for some images every model's map, and the smallest attacks that break it."""

from ineq.pipeline.entry import Run, run_stage


def main(run: Run) -> None:
    """Choose images, and write what the report shows of them."""
    from ineq.attacks.recordfile import read_record
    from ineq.figures.read import read_findings
    from ineq.gallery.build import Attacks, gallery
    from ineq.gallery.noised import Noise
    from ineq.io.text import write_json

    found = read_findings(run.inputs, run["inequality.region"], run["inequality.importance"])
    attacks = Attacks(
        {key: read_record(path, "noise") for key, path in run.inputs["noised"].items()},
        {model: read_record(path, "random_occlusion") for model, path in run.inputs["random"].items()},
        Noise(run["attack.seed"], run["data.mean"], run["data.std"], run["attack.noise.clip"]),
    )
    write_json(run.outputs["gallery"], gallery(found, attacks, run["gallery.images"]))


if __name__ == "__main__":
    run_stage("gallery", main)
