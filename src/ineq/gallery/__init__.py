"""The gallery of the report: for some images every model's map, and the smallest attacks that break it."""
