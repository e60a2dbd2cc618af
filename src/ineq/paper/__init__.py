"""The paper's own numbers, tables and claims, beside what a study finds; needs no torch."""
