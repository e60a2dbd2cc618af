"""The schema of `params.yaml`: every key with its type, range, unit and meaning. Closed and strict."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from ineq.config.fields import (
    Channels,
    Color,
    Fraction,
    Name,
    Names,
    Options,
    Path,
    PluginNames,
    Section,
    Seed,
    Shape,
    Spread,
    Whole,
    ascending,
    distinct,
    leaf,
)
from ineq.config.methods import Attribution


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
        unit="pixels",
        ge=0,
    )
    held_out: Whole = leaf(
        "Images held out from training as the test split; 0 for a data set with a test split of its own.",
        unit="images",
        ge=0,
    )
    seed: Seed = leaf("Seed of the order of the images, and so of what is held out.")
    mean: Channels = leaf("Mean of the study's normalised space, one value a channel.", unit="pixel value in [0, 1]")
    std: Spread = leaf("Standard deviation of the study's normalised space.", unit="pixel value in [0, 1]")


class Maps(Section):
    """Which models get attribution maps, per method."""

    integrated_gradients: Names = leaf("Models attributed, measured and attacked with Integrated Gradients.")
    input_x_gradient: Names = leaf("The same with Input×Gradient.")
    gradient_shap: Names = leaf("The same with GradientSHAP.")
    smoothgrad: Names = leaf("The same with SmoothGrad.")


class Runtime(Section):
    """What changes the last bits of results: declared, never whatever the machine has."""

    threads: Whole = leaf("Threads of torch in a job.", unit="threads", ge=1, le=256)
    batch_size: Whole = leaf("Images in one forward pass outside training.", unit="images", ge=1)
    gpu_batch_size: Annotated[Whole, Field(ge=1)] | None = leaf(
        "The same on a GPU, whose memory is another; null: as `batch_size`.", unit="images"
    )
    precision: Literal["float32", "tf32", "bfloat16"] = leaf(
        "What trained models compute in; TF32 and bfloat16 only where the device has them, else float32: the record "
        "says what it was. Robustness is always measured in float32."
    )


class Train(Section):
    """Training, the same for every model of the study; a model's card says the rest."""

    models: Names = leaf("Models trained here.")
    epochs: Whole = leaf("Passes over the training images.", unit="epochs", ge=1)
    batch_size: Whole = leaf("Images in a training step.", unit="images", ge=1)
    learning_rate: float = leaf("Peak of the one-cycle learning rate.", gt=0)
    momentum: float = leaf("Nesterov momentum of SGD.", ge=0, lt=1)
    weight_decay: float = leaf("Weight decay of SGD.", ge=0)
    ramp_epochs: Whole = leaf("Epochs over which ε rises to the card's.", unit="epochs", ge=0)
    flip: bool = leaf("Mirror training images at random.")
    crop: Whole = leaf("Pixels by which training images are shifted at most, at random; 0 for none.", ge=0)
    precision: Literal["float32", "tf32", "bfloat16"] = leaf(
        "What the passes of training compute in; TF32 only on a GPU that has it, else float32; bfloat16 is faster "
        "where a device has it, slower elsewhere."
    )
    log_epsilon: Fraction = leaf(
        "Budget of the PGD accuracy in the training log, the same for every model.", unit="pixel value in [0, 1]", gt=0
    )
    log_steps: Whole = leaf("Steps of that PGD.", unit="steps", ge=1)
    log_images: Whole = leaf("Held-out images it is measured on.", unit="images", ge=1)


class Imports(Section):
    """Models that come as a file."""

    models: Names = leaf("Models whose checkpoint lies beside their card: `models/<study>/<model>.safetensors`.")


class Convert(Section):
    """Models that come as a third party's checkpoint."""

    models: Names = leaf("Models whose checkpoint of torch lies beside their card: `models/<study>/<model>.ckpt`.")


class Prune(Section):
    """Paper A.6: models pruned by l1-norm from another one and trained a little further; the rest is as in `train`."""

    models: Names = leaf("Models made by pruning, each as its card's `pruning` says.")
    base: Name = leaf("Model they are pruned from.")
    epochs: Whole = leaf("Passes over the training images after pruning.", unit="epochs", ge=1)
    learning_rate: float = leaf("Peak of the one-cycle learning rate after pruning.", gt=0)


class Evaluation(Section):
    """What models are judged on."""

    split: Literal["train", "test"] = leaf("Split that is predicted and sampled from.")


class Sample(Section):
    """The images that maps and attacks work on."""

    size: Whole = leaf("Images sampled.", unit="images", ge=1)
    seed: Seed = leaf("Seed of the shuffle.")
    models: Annotated[Names, Field(min_length=1)] = leaf("Models that must all classify a sampled image correctly.")
    labels: Literal["true", "predicted"] = leaf(
        "Label of a sampled image: its true class; or, only to try the pipeline with untrained models, which are "
        "right on nothing, what the first of `sample.models` predicts."
    )


class Inequality(Section):
    """Gini index of attribution maps."""

    region: Whole = leaf("Side of a region; must divide the image.", unit="pixels", ge=1)
    importance: Literal["signed", "absolute", "positive"] = leaf("What is summed over a region: a, abs(a), max(a, 0).")
    tolerance: float = leaf("Size above which a map's value counts as non-zero for sparsity.", ge=0)


class Noise(Section):
    """Inductive noise."""

    repeats: Whole = leaf("Noise fields per image for the guided attack.", unit="draws", ge=1)
    clip: bool = leaf("Clip noisy images to valid pixels.")


class Attack(Section):
    """Inductive noise and occlusion, with their random and least-important twins."""

    seed: Seed = leaf("Seed of noise fields and of the random twins.")
    images: Whole = leaf("Sampled images attacked, the first so many of those with maps.", unit="images", ge=1)
    draws: Whole = leaf("Draws of the random twins.", unit="draws", ge=1)
    count: Whole = leaf("Most occlusions, N of Algorithm 1.", unit="squares", ge=1)
    radius: Whole = leaf("Largest radius, R of Algorithm 1; squares are cut at the border.", unit="pixels", ge=1)
    colors: Annotated[list[Color], Field(min_length=1), AfterValidator(distinct)] = leaf("Colours of the occlusions.")
    subpixels: Annotated[list[Annotated[Whole, Field(ge=1)]], Field(min_length=1), AfterValidator(ascending)] = leaf(
        "Numbers of noisy values, ascending.", unit="values of channels × height × width"
    )
    noise: Noise


class Robustness(Section):
    """Accuracy under PGD and AutoAttack; l∞-trained and l2-trained models are attacked at their own budget too."""

    models: Names = leaf("Models attacked.")
    images: Whole = leaf("Images of the evaluation split attacked, right or wrong.", unit="images", ge=1)
    epsilon: Fraction = leaf(
        "Budget common to all models, l∞; 8/255 may be written so.", unit="pixel value in [0, 1]", gt=0, le=1
    )
    steps: Whole = leaf("Steps of PGD.", unit="steps", ge=1)
    seed: Seed = leaf("Seed of the choice of images, and of where attacks start.")


class Classes(Section):
    """Paper A.7: inequality by class over the whole evaluation split, with Integrated Gradients of the true class."""

    models: Names = leaf("Models whose maps of every image are measured.")


class Sensitivity(Section):
    """How conventions that the paper leaves open move the headline numbers."""

    models: Names = leaf("Models that each convention is tried on.")
    images: Whole = leaf("Sampled images that it is tried on, the first so many.", unit="images", ge=1)


class Audit(Section):
    """Models that no paper knows: where they lie among the others."""

    models: Names = leaf("Models that get a verdict: each against every other model of the study, image by image.")


class Cell(Section):
    """One budget of the occlusion grid."""

    count: Whole = leaf("Occlusions.", ge=1)
    radius: Whole = leaf("Radius.", unit="pixels", ge=1)


class Transfer(Section):
    """Paper A.4: images attacked on one model, shown to another."""

    models: Names = leaf("Models that are attacked with each of their maps, and shown what was attacked.")
    color: Color = leaf("Colour of the occlusions.")
    cells: Annotated[list[Cell], AfterValidator(distinct)] = leaf("Occlusion budgets (count, radius) carried over.")
    subpixels: Whole = leaf("Number of noisy values carried over.", unit="values", ge=1)


class Tables(Section):
    """Which results the headline table shows."""

    subpixels: Whole = leaf("Number of noisy values in the headline; one of `attack.subpixels`.", ge=1)
    cells: Annotated[list[Cell], AfterValidator(distinct)] = leaf(
        "Occlusion budgets (count, radius) shown beside the full one; those outside the grid are left out and said so."
    )
    seed: Seed = leaf("Seed of the bootstrap.")
    resamples: Whole = leaf("Resamples of the bootstrap over images.", unit="resamples", ge=100)


class Paper(Section):
    """What of the paper the study is compared with."""

    dataset: Literal["CIFAR-10", "ImageNet", "none"] = leaf("Data set of the paper whose numbers stand beside these.")


class Figures(Section):
    """What the figures show."""

    images: Whole = leaf("Example images in the figures of maps and of occluded images.", unit="images", ge=1, le=20)


class Gallery(Section):
    """What the report's gallery shows; with more images it would be too big a file to send."""

    images: Whole = leaf(
        "Images shown, of those attacked: half the first, half those that tell models apart.",
        unit="images",
        ge=1,
        le=24,
    )


class Plugins(Section):
    """Attribution methods and attacks of other packages: docs/plugins.md."""

    models: Names = leaf("Models that every plug-in named here is run on.")
    methods: PluginNames = leaf("Plug-in attribution methods; measured and attacked like the built-in ones.")
    attacks: PluginNames = leaf("Plug-in attacks.")
    maps: PluginNames = leaf("Methods, built-in or plug-in, whose maps guide the plug-in attacks.")
    options: Options = leaf("By plug-in its options, `{}` for its defaults; of every plug-in named here and no other.")


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
