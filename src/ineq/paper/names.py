"""What the paper's tables here are called, and what a claim can turn out to be. Light: the documentation reads it."""

from __future__ import annotations

from typing import NamedTuple

VERDICTS = ("supported", "contradicted", "undecided", "not testable here")


class Item(NamedTuple):
    """A table of the paper: its name here, where it stands there, and what it shows."""

    id: str
    place: str
    title: str


ITEMS = (
    Item("table1", "Table 1", "Gini index of attribution maps by architecture and ε"),
    Item("table2", "Table 2", "Error rate under inductive occlusion, three colours, both budgets"),
    Item("table3", "Table 3", "Ablation over attribution methods"),
    Item("table4", "Table 4 (A.4)", "Transfer of attacked images from one model (source) to another"),
    Item("table5", "Table 5", "Accuracy without attack, under PGD and under AutoAttack"),
    Item("table6", "Table 6 (A.7)", "Classes by global Gini"),
    Item("table7", "Table 7 (A.7)", "Classes by regional Gini"),
    Item("table8", "Table 8 (A.9)", "Adversarial training with Cutout"),
    Item("a3", "A.3", "Sparsity against Gini"),
    Item("a5", "A.5", "l2 against l∞ adversarial training"),
    Item("a6", "A.6", "Pruned models against adversarial training"),
)

# What the paper's captions say its figures show, and the figure here that shows it.
FIGURES = {
    "Figure 1": ("the robust model fails to recognise a street sign with small occlusions", "examples"),
    "Figure 2": ("feature attributions of models trained with growing ε", "maps"),
    "Figure 3": ("error rate under an increasing number of noisy subpixels", "noise"),
    "Figure 4": ("images under patches of different sizes, with both models' predictions", "examples"),
    "Figure 5": ("feature attribution with and without post-processing (by 3 deviations)", "maps"),
    "Figure 6": ("more of Figure 5", "maps"),
    "Figure 7": ("caption not in the text; A.11 has more ImageNet images", "maps"),
    "Figure 8": ("attack results on CIFAR-10 (A.10)", "examples"),
    "Figure 9": ("feature attributions of the standard model and of models of different ε", "maps"),
}
