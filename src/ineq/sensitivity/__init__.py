"""How the choices that the paper leaves open move its headline numbers."""
