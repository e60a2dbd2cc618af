"""Figures over the tables, maps and per-image records; needs no torch."""
