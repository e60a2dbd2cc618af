"""The audit of a model that no study has seen: a small study of its own, run by the pipeline's own stages."""
