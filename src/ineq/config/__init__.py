"""Parameters and model cards: the schema, the loader and their documentation."""
