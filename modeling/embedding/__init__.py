"""Sentences to vectors, and what is made of them: nearest neighbours, a map, examples."""
