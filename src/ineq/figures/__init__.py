"""Figures over the tables, maps and per-image records; needs no torch."""

from ineq.extras import extra

with extra("report", "a figure"):
    import matplotlib  # noqa: F401
