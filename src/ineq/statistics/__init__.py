"""Intervals and tests: paired bootstrap, exact McNemar, Holm."""
