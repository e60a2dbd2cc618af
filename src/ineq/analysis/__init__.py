"""What the per-image results of a study say: tables, comparisons, and what all readers of them agree on."""
