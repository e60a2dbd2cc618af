"""How the conventions that the paper leaves open move its headline numbers."""
