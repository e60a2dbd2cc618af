"""Networks, checkpoints, training and prediction."""
