"""Contents of files that several stages write alike, for their declarations."""

from __future__ import annotations

from ineq.planning.stage import Content, columns


def outcome(*places: str) -> tuple[Content, ...]:
    """Datasets of the outcome of an attack on these places; its settings and budgets are attributes of the file."""
    arrays = {
        "prediction": ("int16 (settings, budgets…, draws, N)", "prediction at every setting and budget"),
        "covered": ("float32 (budgets…, draws, N)", "share of the image's values that are attacked"),
        "unchanged": ("bool (settings, budgets…, draws, N)", "whether none of them changes"),
    }
    return (
        columns("clean", "int16 (N)", "prediction without attack"),
        *(columns(", ".join(f"{name}/{place}" for place in places), *what) for name, what in arrays.items()),
        columns("labels, indices", "int64 (N)", "class; position in the split"),
    )
