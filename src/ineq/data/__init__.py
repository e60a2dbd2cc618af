"""Data sets: images, labels, the sample and keyed random draws."""
