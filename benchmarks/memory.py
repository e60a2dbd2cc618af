"""Peak memory of every stage, on images of ImageNet's size: `.bench/bin/python benchmarks/memory.py 1000 4000`.

A study in a temporary folder: so many JPEG files of 256×256, cut to 224×224, a ResNet of one channel in a
third party's format (what is measured is what images and maps take, not the network), every image in the sample.
Writes `benchmarks/results/memory.md`.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from ruamel.yaml import YAML
from sklearn.datasets import load_sample_images
from timing import machine

from ineq.config.compose import compose
from ineq.config.study import load_study
from ineq.models.architectures import build
from ineq.planning.jobs import Job, jobs

ROOT = Path(__file__).resolve().parents[1]
ARCHITECTURE = {"name": "resnet8", "width": 1, "channels": 3, "classes": 1000}
MODELS = ["resnet18-standard", "resnet18-linf-4"]


def write_images(folder: Path, count: int) -> None:
    """JPEG files in three classes, each cut at another place of a photograph."""
    photographs = [Image.fromarray(picture) for picture in load_sample_images().images]
    draws = np.random.default_rng(0)
    for number in range(count):
        left, top = int(draws.integers(640 - 256)), int(draws.integers(427 - 256))
        content = io.BytesIO()
        photographs[number % 2].crop((left, top, left + 256, top + 256)).save(content, "JPEG")
        target = folder / "val" / f"class{number % 3}" / f"{number:06}.JPEG"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.getvalue())


def write_study(root: Path, count: int) -> None:
    """The study `imagenet` with two small networks and all images in the sample."""
    for name in ("src", "workflow", "studies", "models", "data/paper"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("*.ckpt"))
    yaml = YAML()
    content = compose(root, "imagenet")
    content["models"] = content["convert"]["models"] = MODELS
    content["maps"] = {
        "integrated_gradients": MODELS,
        "input_x_gradient": [],
        "gradient_shap": [],
        "smoothgrad": MODELS[:1],
    }
    content["sample"] = {"size": count, "seed": 0, "labels": "predicted", "models": MODELS[:1]}
    content["attribution"]["integrated_gradients"]["steps"] = 1
    content["attribution"]["smoothgrad"].update(images=count, samples=1, steps=1)
    content["attack"].update(images=count, draws=1, count=1, radius=1, colors=["black"], subpixels=[5000])
    content["attack"]["noise"]["repeats"] = 1
    content["robustness"].update(models=MODELS[:1], images=20)
    content["transfer"].update(models=MODELS, budgets=[{"count": 1, "radius": 1}])
    content["classes"]["models"] = MODELS[:1]
    content["sensitivity"].update(models=MODELS, images=50)
    content["tables"].update(budgets=[], resamples=100)
    yaml.dump(content, root / "params.yaml")
    # The same network under both names: what the one predicts is the label that the other has to be right on.
    network = build(ARCHITECTURE, 0).state_dict()
    for model in MODELS:
        path = root / "models" / "imagenet" / f"{model}.ckpt"
        torch.save({f"module.model.{name}": value for name, value in network.items()}, path)
        card = yaml.load(path.with_suffix(".yaml"))
        card["architecture"] = ARCHITECTURE
        yaml.dump(card, path.with_suffix(".yaml"))


def peak(command: list[str], root: Path, environment: dict[str, str]) -> float:
    """Peak memory of a job in GB: its own, whatever runs beside it."""
    done = subprocess.Popen(command, cwd=root, env=environment, stderr=subprocess.PIPE, text=True)
    said = done.stderr.read() if done.stderr else ""
    _, status, usage = os.wait4(done.pid, 0)
    if status:
        sys.exit(f"{' '.join(command)} failed:\n{said}")
    return usage.ru_maxrss * 1024 / 1e9


def measure(count: int) -> dict[str, float]:
    """The highest peak of each stage's jobs, in GB."""
    with tempfile.TemporaryDirectory() as folder:
        root, here = Path(folder), Path.cwd()
        write_study(root, count)
        environment = {**os.environ, "PYTHONPATH": str(root / "src")}
        write_images(root / "data" / "imagenet", count)
        subprocess.run(
            [str(Path(sys.executable).with_name("ineq")), "study", "fetch"],
            cwd=root,
            env=environment,
            check=True,
            stdout=sys.stderr,
        )
        os.chdir(root)
        found: dict[str, float] = {}

        def run(job: Job) -> None:
            taken = peak([sys.executable, *job.command.split()[1:]], root, environment)
            found[job.stage.name] = max(found.get(job.stage.name, 0), taken)
            print(f"{count} images: {job.name}: {taken:.2f} GB", file=sys.stderr, flush=True)

        run_all(jobs(load_study()), run)
        os.chdir(here)
    return found


def run_all(found: list[Job], run: Callable[[Job], None]) -> None:
    """Run every job after those it reads of, as many at once as there are cores."""
    makers = {path: number for number, job in enumerate(found) for path in job.outputs.values()}
    order = TopologicalSorter(
        {number: [makers[path] for path in job.input_files if path in makers] for number, job in enumerate(found)}
    )
    order.prepare()
    running: dict[Future[None], int] = {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        while order.is_active():
            running |= {pool.submit(run, found[number]): number for number in order.get_ready()}
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                future.result()
                order.done(running.pop(future))


def page(found: dict[int, dict[str, float]], about: dict[str, Any]) -> str:
    """Markdown: what was measured where, then a row a stage, a column a number of images."""
    counts = list(found)
    lines = [
        "# Peak memory of every stage, on images of 3×224×224",
        "",
        f"Made by `.bench/bin/python benchmarks/memory.py {' '.join(map(str, counts))}` on {about['measured']}, on "
        f"{about['processor']}, {about['cores']} cores: the study `imagenet` on so many JPEG files, every one of them "
        "sampled, attributed and attacked, with networks of one channel, so that images and maps are what is measured. "
        "The highest of a stage's jobs, in GB; 4 are allowed. About 0.7 is what importing torch takes; the measuring "
        "process hands that on to jobs that import none. A network takes its own on top: a gradient of "
        "Wide ResNet-50-2 at the study's batch of 16 peaks at 2.07 GB.",
        "",
        "| stage | " + " | ".join(f"{count} images" for count in counts) + " |",
        "|---|" + "---:|" * len(counts),
    ]
    stages = found[counts[0]]
    rows = (f"| {stage} | " + " | ".join(f"{found[count][stage]:.2f}" for count in counts) + " |" for stage in stages)
    return "\n".join([*lines, *rows, ""])


def main() -> None:
    """Measure, and write the page."""
    counts = [int(argument) for argument in sys.argv[1:]] or [1000, 4000]
    about = machine()  # first, since it knows only the environment of `make bench`
    text = page({count: measure(count) for count in counts}, about)
    (ROOT / "benchmarks" / "results" / "memory.md").write_text(text)


if __name__ == "__main__":
    main()
