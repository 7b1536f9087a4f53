"""Scores as pictures."""
