"""The gallery of the report: for some images every model's map, and the smallest attacks that break it."""

from ineq.extras import extra

with extra("report", "the gallery"):
    import matplotlib  # noqa: F401
    import PIL  # noqa: F401
