"""Publishing: datasets, models, sentence twins, the demo."""
