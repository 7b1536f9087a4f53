"""Corpora as they are released: their layouts, and what is no text at all."""
