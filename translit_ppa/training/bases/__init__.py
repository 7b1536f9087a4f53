"""The base of a training: a small one that is made, what a given one lacks, and its own way."""
