"""Tables and headline numbers over the per-image records."""
