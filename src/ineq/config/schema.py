"""The schema of `params.yaml`: every key with its type, range, unit and meaning. Closed and strict."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from ineq.attacks.names import Color
from ineq.config.fields import (
    ALL,
    Channels,
    Fraction,
    Name,
    Names,
    Options,
    Path,
    PluginNames,
    Precision,
    Section,
    Seed,
    Shape,
    Spread,
    Whole,
    ascending,
    distinct,
    leaf,
)
from ineq.config.methods import Attribution, Maps
from ineq.config.training import Convert, Imports, Prune, Train


class Data(Section):
    """The data set and the normalised space that all models of a study share for noise and baselines."""

    name: Literal["digits", "cifar10", "folder", "files"] = leaf(
        "Data set: scikit-learn's digits, CIFAR-10 in torchvision's format, any folder or zip of images, or `files`: a "
        "folder too large for a copy, whose images are indexed, and decoded where they lie."
    )
    path: Path = leaf(
        "What it is read from: a folder or a zip file; for `digits`, a note on their source.",
    )
    shape: Shape = leaf("Channels, height and width of the images.", unit="values")
    resize: Whole = leaf(
        "Pixels that the shorter side of `files` is made before their centre is cut out; 0: they have the size wanted.",
        base=0,
        unit="pixels",
        ge=0,
    )
    held_out: Whole = leaf(
        "Images held out from training as the test split; 0 for a data set with a test split of its own.",
        base=0,
        unit="images",
        ge=0,
    )
    seed: Seed = leaf("Seed of the order of the images, and so of what is held out.", base=0)
    mean: Channels = leaf("Mean of the study's normalised space, one value a channel.", unit="pixel value in [0, 1]")
    std: Spread = leaf("Standard deviation of the study's normalised space.", unit="pixel value in [0, 1]")


class Runtime(Section):
    """What changes the last bits of results: declared, never whatever the machine has."""

    threads: Whole = leaf("Threads of torch in a job.", base=1, unit="threads", ge=1, le=256)
    batch_size: Whole = leaf("Images in one forward pass outside training.", base=50, unit="images", ge=1)
    gpu_batch_size: Annotated[Whole, Field(ge=1)] | None = leaf(
        "The same on a GPU, whose memory is another; null: as `batch_size`.", base=None, unit="images"
    )
    precision: Precision = leaf(
        "What trained models compute in; TF32 and bfloat16 only where the device has them, else float32: the record "
        "says what it was. Robustness is always measured in float32.",
        base="float32",
    )


class Evaluation(Section):
    """What models are evaluated on."""

    split: Literal["train", "test"] = leaf("Split that is predicted and sampled from.", base="test")


class Sample(Section):
    """The images that maps and attacks work on."""

    size: Whole = leaf("Images sampled.", base=1000, unit="images", ge=1)
    seed: Seed = leaf("Seed of the shuffle.", base=0)
    models: Annotated[Names, Field(min_length=1)] = leaf(
        "Models that must all classify a sampled image correctly.", base=ALL
    )
    labels: Literal["true", "predicted"] = leaf(
        "Label of a sampled image: its true class; or, only to try the pipeline with untrained models, which are "
        "right on nothing, what the first of `sample.models` predicts.",
        base="true",
    )


class Inequality(Section):
    """Gini index of attribution maps."""

    region: Whole = leaf("Side of a region; must divide the image.", base=4, unit="pixels", ge=1)
    importance: Literal["signed", "absolute", "positive"] = leaf(
        "What is summed over a region: a, abs(a), max(a, 0).", base="signed"
    )
    tolerance: float = leaf("Size above which a map's value counts as non-zero for sparsity.", base=0.0, ge=0)


class Noise(Section):
    """Inductive noise."""

    repeats: Whole = leaf("Noise fields per image for the guided attack.", base=3, unit="draws", ge=1)
    clip: bool = leaf("Clip noisy images to valid pixels.", base=True)


class Attack(Section):
    """Inductive noise and occlusion, with their random and least-important controls."""

    seed: Seed = leaf("Seed of noise fields and of the random controls.", base=0)
    images: Whole = leaf(
        "Sampled images attacked, the first so many of those with maps.", base=1000, unit="images", ge=1
    )
    least: bool = leaf(
        "Attack the least important places, too: a control that tables and figures show, and that no audit needs.",
        base=True,
    )
    draws: Whole = leaf("Draws of the random controls.", base=5, unit="draws", ge=1)
    count: Whole = leaf("Most occlusions, N of Algorithm 1.", base=10, unit="squares", ge=1)
    radius: Whole = leaf(
        "Largest radius, R of Algorithm 1; squares are cut at the border.", base=4, unit="pixels", ge=1
    )
    colors: Annotated[list[Color], Field(min_length=1), AfterValidator(distinct)] = leaf(
        "Colours of the occlusions.", base=["black", "gray", "white"]
    )
    subpixels: Annotated[list[Annotated[Whole, Field(ge=1)]], Field(min_length=1), AfterValidator(ascending)] = leaf(
        "Numbers of noisy values, ascending.", base=[10, 20, 102, 204, 408], unit="values of channels × height × width"
    )
    noise: Noise


class Robustness(Section):
    """Accuracy under PGD and AutoAttack; l∞-trained and l2-trained models are attacked at their own budget too."""

    models: Names = leaf("Models attacked.", base=[])
    images: Whole = leaf("Images of the evaluation split attacked, right or wrong.", base=100, unit="images", ge=1)
    epsilon: Fraction = leaf(
        "Budget common to all models, l∞; 8/255 may be written so.",
        base="8/255",
        unit="pixel value in [0, 1]",
        gt=0,
        le=1,
    )
    steps: Whole = leaf("Steps of PGD.", base=20, unit="steps", ge=1)
    seed: Seed = leaf("Seed of the choice of images, and of where attacks start.", base=0)


class Classes(Section):
    """Paper A.7: inequality by class over the whole evaluation split, with Integrated Gradients of the true class."""

    models: Names = leaf("Models whose maps of every image are measured.", base=[])


class Sensitivity(Section):
    """Analysis variants: how choices that the paper leaves open move the headline numbers."""

    models: Names = leaf("Models that each analysis variant is tried on.", base=[])
    images: Whole = leaf("Sampled images that it is tried on, the first so many.", base=200, unit="images", ge=1)


class Audit(Section):
    """Models that no paper knows: where they lie among the others."""

    models: Names = leaf(
        "Models that get a verdict: each against every other model of the study, image by image.", base=[]
    )


class OcclusionBudget(Section):
    """One budget of the occlusion grid."""

    count: Whole = leaf("Occlusions.", ge=1)
    radius: Whole = leaf("Radius.", unit="pixels", ge=1)


class Transfer(Section):
    """Paper A.4: images attacked on one model, shown to another."""

    models: Names = leaf("Models that are attacked with each of their maps, and shown what was attacked.", base=[])
    color: Color = leaf("Colour of the occlusions.", base="black")
    budgets: Annotated[list[OcclusionBudget], AfterValidator(distinct)] = leaf(
        "Occlusion budgets (count, radius) carried over.",
        base=[{"count": 5, "radius": 2}, {"count": 10, "radius": 4}],
        earlier="cells",
    )
    subpixels: Whole = leaf("Number of noisy values carried over.", base=102, unit="values", ge=1)


class Tables(Section):
    """Which results the headline table shows."""

    subpixels: Whole = leaf("Number of noisy values in the headline; one of `attack.subpixels`.", base=102, ge=1)
    budgets: Annotated[list[OcclusionBudget], AfterValidator(distinct)] = leaf(
        "Occlusion budgets (count, radius) compared beside the full one; those outside the grid are told and left out.",
        base=[{"count": 10, "radius": 4}, {"count": 5, "radius": 2}],
        earlier="cells",
    )
    seed: Seed = leaf("Seed of the bootstrap.", base=0)
    resamples: Whole = leaf("Resamples of the bootstrap over images.", base=2000, unit="resamples", ge=100)


class Paper(Section):
    """What of the paper the study is compared with."""

    dataset: Literal["CIFAR-10", "ImageNet", "none"] = leaf(
        "Data set of the paper whose numbers stand beside these.", base="none"
    )


class Figures(Section):
    """What the figures show."""

    images: Whole = leaf(
        "Example images in the figures of maps and of occluded images.", base=4, unit="images", ge=1, le=20
    )


class Gallery(Section):
    """What the report's gallery shows; with more images it would be too big a file to send."""

    images: Whole = leaf(
        "Images shown, of those attacked: half the first, half those that tell models apart.",
        base=24,
        unit="images",
        ge=1,
        le=24,
    )


class Plugins(Section):
    """Attribution methods and attacks of other packages: docs/plugins.md."""

    models: Names = leaf("Models that every plug-in named here is run on.", base=[])
    methods: PluginNames = leaf("Plug-in attribution methods; measured and attacked like the built-in ones.", base=[])
    attacks: PluginNames = leaf("Plug-in attacks.", base=[])
    maps: PluginNames = leaf("Methods, built-in or plug-in, whose maps guide the plug-in attacks.", base=[])
    options: Options = leaf(
        "By plug-in its options, `{}` for its defaults; of every plug-in named here and no other.", base={}
    )


class Parameters(Section):
    """The whole of `params.yaml`."""

    study: Name = leaf("Study these parameters belong to: `studies/<name>.yaml`, `models/<name>/`, `results/<name>/`.")
    data: Data
    models: Annotated[Names, Field(min_length=1)] = leaf(
        "Models of the study, each a card `models/<study>/<model>.yaml`."
    )
    maps: Maps
    runtime: Runtime
    train: Train
    imports: Imports
    convert: Convert
    prune: Prune
    eval: Evaluation
    sample: Sample
    attribution: Attribution
    inequality: Inequality
    attack: Attack
    robustness: Robustness
    transfer: Transfer
    classes: Classes
    sensitivity: Sensitivity
    audit: Audit
    tables: Tables
    paper: Paper
    figures: Figures
    gallery: Gallery
    plugins: Plugins
