"""Gini, regional Gini and sparsity of attribution maps."""
