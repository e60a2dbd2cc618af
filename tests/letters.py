"""Somebody else's images and model: letters in matplotlib's fonts, and a network trained by a plain loop."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

LETTERS, SIDE, EACH = "AHOTX", 24, 60
MEAN, STD = 0.2, 0.3
FONTS = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSerif.ttf", "DejaVuSansMono.ttf", "STIXGeneral.ttf")
MODULE = """
from torch import nn


def make(num_classes):
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, 2, 1), nn.ReLU(), nn.Conv2d(8, 16, 3, 2, 1), nn.ReLU(),
        nn.Flatten(), nn.Linear(16 * 36, num_classes),
    )
"""


def draw_letters(folder: Path) -> None:
    """PNG files, `folder/<letter>/<number>.png`, of 24×24 grey pixels."""
    draws = np.random.default_rng(0)
    fonts = Path(matplotlib.get_data_path(), "fonts", "ttf")
    for letter in LETTERS:
        (folder / letter).mkdir(parents=True)
        for number in range(EACH):
            image = Image.new("L", (SIDE, SIDE), 20)
            font = ImageFont.truetype(fonts / FONTS[number % len(FONTS)], int(draws.integers(13, 19)))
            place = (int(draws.integers(2, 8)), int(draws.integers(2, 8)))
            ImageDraw.Draw(image).text(place, letter, 230, font)
            pixels = np.asarray(image) + draws.normal(0, 8, (SIDE, SIDE))
            Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / letter / f"{number:03}.png")


def train_letters(folder: Path, module: Path, checkpoint: Path, order: str = LETTERS) -> None:
    """Write the module, and the state dict of its network, trained on the letters with classes in this order."""
    module.write_text(MODULE)
    space: dict = {}
    exec(MODULE, space)
    files = [file for letter in order for file in sorted((folder / letter).glob("*.png"))]
    images = np.stack([np.asarray(Image.open(file), np.float32) / 255 for file in files])[:, None]
    labels = torch.arange(len(order)).repeat_interleave(EACH)
    torch.manual_seed(0)
    network, given = space["make"](len(order)), torch.from_numpy((images - MEAN) / STD)
    optimizer = torch.optim.Adam(network.parameters(), 0.003)
    for _ in range(40):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(network(given), labels).backward()
        optimizer.step()
    torch.save({"model": network.state_dict(), "epoch": 40}, checkpoint)
