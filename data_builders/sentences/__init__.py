"""Which sentences are taken: sampled by language, normalised, kept or dropped."""
