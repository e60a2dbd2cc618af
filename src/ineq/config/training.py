"""The part of the schema that says how models come about: trained, taken from a file, or pruned."""

from __future__ import annotations

from ineq.config.fields import Fraction, Name, Names, Precision, Section, Whole, leaf

LEFT_OUT = "; unless a study lists them, those whose card says `weights: "


class Train(Section):
    """Training, the same for every model of the study; a model's card says the rest."""

    models: Names = leaf(f"Models trained here{LEFT_OUT}train`.")
    epochs: Whole = leaf("Passes over the training images.", base=8, unit="epochs", ge=1)
    batch_size: Whole = leaf("Images in a training step.", base=128, unit="images", ge=1)
    learning_rate: float = leaf("Peak of the one-cycle learning rate.", base=0.2, gt=0)
    momentum: float = leaf("Nesterov momentum of SGD.", base=0.9, ge=0, lt=1)
    weight_decay: float = leaf("Weight decay of SGD.", base=0.0005, ge=0)
    ramp_epochs: Whole = leaf("Epochs over which ε rises to the card's.", base=3, unit="epochs", ge=0)
    flip: bool = leaf("Mirror training images at random.", base=True)
    crop: Whole = leaf("Pixels by which training images are shifted at most, at random; 0 for none.", base=4, ge=0)
    precision: Precision = leaf(
        "What the passes of training compute in; TF32 only on a GPU that has it, else float32; bfloat16 is faster "
        "where a device has it, slower elsewhere.",
        base="float32",
    )
    log_epsilon: Fraction = leaf(
        "Budget of the PGD accuracy in the training log, the same for every model.",
        base="8/255",
        unit="pixel value in [0, 1]",
        gt=0,
    )
    log_steps: Whole = leaf("Steps of that PGD.", base=10, unit="steps", ge=1)
    log_images: Whole = leaf("Held-out images it is measured on.", base=500, unit="images", ge=1)


class Imports(Section):
    """Models that come as a file."""

    models: Names = leaf(
        f"Models whose checkpoint lies beside their card, `models/<study>/<model>.safetensors`{LEFT_OUT}import`."
    )


class Convert(Section):
    """Models that come as a third party's checkpoint."""

    models: Names = leaf(
        f"Models whose checkpoint of torch lies beside their card, `models/<study>/<model>.ckpt`{LEFT_OUT}convert`."
    )


class Prune(Section):
    """Paper A.6: models pruned by l1-norm from another one and trained a little further; the rest is as in `train`."""

    models: Names = leaf(f"Models made by pruning, each as its card's `pruning` says{LEFT_OUT}prune`.")
    base: Name = leaf("Model they are pruned from.", base="standard")
    epochs: Whole = leaf("Passes over the training images after pruning.", base=2, unit="epochs", ge=1)
    learning_rate: float = leaf("Peak of the one-cycle learning rate after pruning.", base=0.02, gt=0)
