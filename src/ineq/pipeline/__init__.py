"""The registry of stages, records, staleness, and what the engines take from them."""
