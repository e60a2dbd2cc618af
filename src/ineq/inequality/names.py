"""The measures of the paper's claims. No numpy, for what plans the jobs reads it."""

GINIS = {"gini_global": "global", "gini_regional": "regional"}
"""Columns of both Gini indices, each with its word for people."""
