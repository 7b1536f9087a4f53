"""A training step: its time, its memory, its parts, and the data path that feeds it."""
