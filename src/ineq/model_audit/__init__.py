"""The audit of a model, in memory: how unequal its attribution maps are, and how fragile it is where they point."""
