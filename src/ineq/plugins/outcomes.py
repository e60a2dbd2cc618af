"""What the table of a plug-in attack holds; without torch, for those who only read it."""

COLUMNS = ("image", "label", "clean", "where", "draw", "prediction")
"""A row an attacked image, place of attack and draw."""
