"""The study `imagenet` made small: photographs in ImageNet's layout, untrained networks as third parties ship them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from sklearn.datasets import load_sample_images

MODELS = ("resnet18-standard", "resnet18-linf-4")
CLASSES = ("n01440764", "n01443537", "n02123045")
CHANGES: dict[str, Any] = {
    "models": list(MODELS),
    "maps": {
        "integrated_gradients": list(MODELS),
        "input_x_gradient": list(MODELS),
        "gradient_shap": list(MODELS[:1]),
        "smoothgrad": list(MODELS[:1]),
    },
    "convert.models": list(MODELS),
    "runtime.batch_size": 4,
    "sample.size": 6,
    "sample.models": list(MODELS[:1]),
    "sample.labels": "predicted",
    "attribution.integrated_gradients.steps": 2,
    "attribution.gradient_shap.samples": 1,
    "attribution.smoothgrad": {
        **{"images": 2, "samples": 1, "stdev": 0.2, "steps": 1},
        **{"base": "integrated_gradients", "type": "smoothgrad"},
    },
    "attack.images": 4,
    "attack.draws": 1,
    "attack.count": 2,
    "attack.radius": 2,
    "attack.colors": ["black"],
    "attack.subpixels": [500, 5000],
    "attack.noise.repeats": 1,
    "robustness.models": list(MODELS),
    "robustness.images": 4,
    "robustness.steps": 1,
    "transfer.budgets": [{"count": 2, "radius": 2}],
    "classes.models": list(MODELS[:1]),
    "sensitivity.models": list(MODELS),
    "sensitivity.images": 1,
    "tables.budgets": [],
    "tables.resamples": 100,
    "figures.images": 2,
    "gallery.images": 2,
}


def write_images(folder: Path, count: int) -> None:
    """`count` JPEG files of different sizes, cut from real photographs, in `val/<class>/`; some grey, some CMYK."""
    photographs = [Image.fromarray(picture) for picture in load_sample_images().images]
    draws = np.random.default_rng(0)
    for number in range(count):
        width, height = (int(side) for side in draws.integers(180, 420, 2))
        left, top = (int(draws.integers(0, most)) for most in (640 - width, 427 - min(height, 420)))
        picture = photographs[number % 2].crop((left, top, left + width, top + min(height, 420)))
        mode = {5: "L", 7: "CMYK"}.get(number, "RGB")
        target = folder / "val" / CLASSES[number % 3] / f"ILSVRC2012_val_{number:08d}.JPEG"
        target.parent.mkdir(parents=True, exist_ok=True)
        content = io.BytesIO()
        picture.convert(mode).save(content, "JPEG", quality=90)
        target.write_bytes(content.getvalue())


def schedule(epoch: int) -> float:
    """What only a pickle can load."""
    return 0.1 * epoch


def transfer_layout(network: torch.nn.Module) -> dict[str, Any]:
    """What robust-models-transfer saves: the network in an attacker in `DataParallel`, a normaliser, and more."""
    state = {f"module.{part}model.{name}": v for part in ("", "attacker.") for name, v in network.state_dict().items()}
    for part in ("normalizer", "attacker.normalize"):
        state[f"module.{part}.new_mean"] = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
        state[f"module.{part}.new_std"] = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9).state_dict()
    return {"model": state, "optimizer": optimizer, "schedule": schedule, "epoch": 90, "best": np.float64(0.5)}


def write_checkpoint(path: Path, seed: int) -> None:
    """An untrained ResNet-18 as robust-models-transfer has it."""
    from torchvision.models import resnet18

    torch.manual_seed(0)
    network = resnet18()
    # Nearly the same network, so that one's predictions can pass for the other's labels.
    torch.nn.init.normal_(network.fc.bias, std=1e-4 * seed)
    torch.save(transfer_layout(network), path)
