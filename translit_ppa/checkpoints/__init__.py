"""What is done with checkpoints besides training: vocabularies, and weights in between."""
