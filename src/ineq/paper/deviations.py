"""Where the paper is silent or leaves a choice, and what is done here: in the words of the docs and the report."""

DEVIATIONS = (
    (
        "regional importance",
        "the signed sum of a region's attributions, then its absolute value for Gini (`inequality.importance`)",
    ),
    ("Input×Gradient", "the input is the pixel image, not the normalised one"),
    (
        "SmoothGrad",
        "the mean of 20 noisy Integrated Gradients, as A.8 says; each of 5 steps on `digits`, to stay within minutes, "
        "and from a zero baseline",
    ),
    (
        "zero baseline of Integrated Gradients",
        "zero in normalised space, the pixel value `data.mean`; the default is the paper's N(0, 1)",
    ),
    ("noisy images", "clipped to valid pixels (`attack.noise.clip`)"),
    (
        "Algorithm 1's `break`",
        "all three success criteria: `any` success among the tries (headline), `literal`, `fixed`",
    ),
    ("subpixels on smaller images", "the paper's numbers, scaled to the image"),
    ("random draw of the sample", "a seeded shuffle of the whole split"),
    ("PGD in training", "crafted in eval mode, ε rising over the first epochs"),
)
"""Pairs of a matter and what is done; what stands between backticks is code."""
