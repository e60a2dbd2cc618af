"""Cost against the number of images and of steps, each in a process of its own: time linear, memory flat.

`python benchmarks/scaling.py IMAGES STEPS` prints the seconds and the peak memory, in GB, of attributing so many images
as the stage does: in parts, from a file and into a file.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import networks
import numpy as np
from timing import Row

COUNTS, STEPS = (100, 1000, 10_000), (5, 10, 20)
RESULTS = Path(__file__).resolve().parent / "results"


def measure(images: int, steps: int) -> tuple[float, float]:
    """Seconds, without what starting takes, and peak memory in GB."""
    import torch

    from ineq.attribution.mapsfile import write_maps
    from ineq.attribution.methods import attribute
    from ineq.io.hdf5 import read_hdf5, write_hdf5
    from ineq.io.rows import Made, parts

    torch.set_num_threads(1)
    network = networks.DIGITS
    model, shape, size = network.ours(), (images, *network.shape), network.batch_size
    draws = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        given, target = Path(folder, "images.h5"), Path(folder, "maps.h5")
        filled = (draws.random((min(size, images - at), *network.shape), np.float32) for at in range(0, images, size))
        write_hdf5(
            given,
            {"images": Made(shape, np.dtype(np.float32), filled)},
            stage="sample",
            parameters={},
            units={"images": "pixel value"},
        )
        found, _ = read_hdf5(given, stage="sample", datasets={"images": ("float32", 4)}, large=["images"])
        began = time.perf_counter()

        def maps() -> Iterator[np.ndarray]:
            for part in parts(found["images"], size):
                yield attribute(model, part, np.zeros(len(part), np.int64), steps=steps, batch_size=size)

        write_maps(target, Made(shape, np.dtype(np.float32), maps()), np.arange(images), {})
        taken = time.perf_counter() - began
    return taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def _apart(images: int, steps: int) -> tuple[float, float]:
    done = subprocess.run(
        [sys.executable, __file__, str(images), str(steps)], capture_output=True, text=True, check=True
    )
    seconds, memory = json.loads(done.stdout)
    return seconds, memory


def rows() -> Iterator[Row]:
    """What ten times as many images, and twice as many steps, take; the plot lies beside the table."""
    _apart(COUNTS[0], STEPS[0])  # finds files warm
    found = {(count, steps): _apart(count, steps) for count in COUNTS for steps in STEPS}
    _plot(found)
    (few, many), (short, long) = COUNTS[-2:], STEPS[-2:]
    for name, first, last, wanted in (
        (f"{many} images", (few, long), (many, long), many / few),
        (f"{long} steps", (many, short), (many, long), long / short),
    ):
        for what, index, expected in (("time", 0, f"about {wanted:g}"), ("peak memory", 1, "about 1")):
            ratio = round(found[last][index] / found[first][index], 3)
            own = round(found[first][0], 2)
            against = f"{first[0]} images, {first[1]} steps"
            note = f"{found[first][1]:.2f} GB, {found[last][1]:.2f} GB" if index else ""
            yield Row("scaling", f"{what} of {against}", name, own, ratio, ratio, ratio, expected, note)


def _plot(found: dict[tuple[int, int], tuple[float, float]]) -> None:
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
    for steps in STEPS:
        left.plot(COUNTS, [found[count, steps][0] for count in COUNTS], marker="o", label=f"{steps} steps")
        right.plot(COUNTS, [found[count, steps][1] for count in COUNTS], marker="o", label=f"{steps} steps")
    left.set(xscale="log", yscale="log", xlabel="images", ylabel="seconds", title="Time")
    right.set(xscale="log", xlabel="images", ylabel="GB", title="Peak memory")
    right.set_ylim(0, 1.2 * max(memory for _, memory in found.values()))
    left.legend()
    RESULTS.mkdir(exist_ok=True)
    figure.savefig(RESULTS / "scaling.svg")
    pyplot.close(figure)


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
