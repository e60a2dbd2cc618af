"""The schema of a model card: what it is, and how it came about."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ineq.config.fields import Channels, Fraction, Name, Section, Seed, Spread, Text, Whole, leaf, optional_leaf

SHA256 = r"^[0-9a-f]{64}$"


class Architecture(Section):
    """A network."""

    name: Name = leaf(
        "Architecture: one of this project's, `torchvision.NAME`, `timm.NAME`, `robustbench.DATASET.THREAT.NAME`, or "
        "`module.function`, a function of your own that returns the network; INEQ_ALLOW_CODE has to name its module."
    )
    width: Annotated[Whole, Field(ge=1, le=1024)] | None = optional_leaf(
        "Channels of the first stage; this project's own architectures only."
    )
    channels: Whole = leaf("Channels of the images.", unit="channels", ge=1, le=4)
    classes: Whole = leaf("Classes; predictions are stored as 16-bit numbers.", ge=2, le=32767)
    source: Annotated[str, Field(pattern=SHA256)] | None = optional_leaf(
        "SHA-256 of the module that `name` names, so that an edit of it is a reason to rerun."
    )


class Normalisation(Section):
    """What the model itself subtracts and divides by."""

    mean: Channels = leaf("Mean, one value a channel.", unit="pixel value in [0, 1]")
    std: Spread = leaf("Standard deviation, one value a channel.", unit="pixel value in [0, 1]")


class Recipe(Section):
    """How this model is trained, beyond what the study says for all."""

    seed: Seed = leaf("Seed of weights, shuffles and PGD starts.")
    norm: Literal["none", "linf", "l2", "unknown"] = leaf(
        "Norm of adversarial training; none is standard training, unknown that nobody says."
    )
    epsilon: Fraction = leaf(
        "Budget of adversarial training; 8/255 may be written so.", unit="pixel value in [0, 1]", ge=0
    )
    steps: Whole = leaf("PGD steps of adversarial training.", unit="steps", ge=0)
    cutout: Whole = leaf("Side of the square cut out of every training image; 0 for none.", unit="pixels", ge=0)
    attack: Literal["pgd", "n-fgsm"] | None = optional_leaf(
        "Attack of adversarial training, PGD unless given; N-FGSM is one step from noise, without projection."
    )
    noise: Annotated[Fraction, Field(ge=0, le=100)] | None = optional_leaf(
        "How far from the image the attack starts at most; unless given 1, N-FGSM's 2.", unit="ε"
    )
    step_size: Annotated[Fraction, Field(gt=0, le=100)] | None = optional_leaf(
        "Length of a step of the attack; unless given 2.5 / `steps`, N-FGSM's 1.", unit="ε"
    )
    epochs: Annotated[Whole, Field(ge=1)] | None = optional_leaf(
        "Passes over the training images, in the place of the study's `train.epochs`.", unit="epochs"
    )
    ema: Annotated[float, Field(gt=0, lt=1)] | None = optional_leaf(
        "Decay of an exponential moving average of the weights, after each step, which then is the model."
    )


class Origin(Section):
    """Where a checkpoint that comes as a file is from."""

    made: Text = leaf("How it was made, and from what.")
    source: Text | None = leaf("Address to download it from; null where it comes with the project.", default=None)
    sha256: Annotated[str, Field(pattern=SHA256)] | None = leaf(
        "SHA-256 of the file; null until a first download records it."
    )
    accuracy: Annotated[float, Field(ge=0, le=1)] | None = leaf(
        "Share of the study's evaluation images that its makers saw it get right; null where nobody says."
    )


class Pruning(Section):
    """What is pruned of a model: the part of each convolution but the first with the smallest l1-norm."""

    kind: Literal["filters", "weights"] = leaf("Whole filters, or single weights.")
    amount: float = leaf("Share of each convolution's filters or weights that is pruned.", gt=0, lt=1)


class Card(Section):
    """A model card: `models/<study>/<model>.yaml`."""

    title: Text = leaf("Name for people.")
    family: Name = leaf("Models that differ by their seed only share it.")
    licence: Text = leaf("Licence of weights and data.")
    weights: Literal["train", "import", "convert", "prune"] | None = optional_leaf(
        "Where the weights come from: trained here, a file of this project (`<model>.safetensors`), a third party's "
        "(`<model>.ckpt`), or pruned from another model's. Left out, one of the study's lists has to say it."
    )
    architecture: Architecture
    normalisation: Normalisation
    train: Recipe
    origin: Origin | None = Field(default=None, description="Where the checkpoint of an imported model is from.")
    pruning: Pruning | None = Field(default=None, description="What is pruned of a pruned model.")
