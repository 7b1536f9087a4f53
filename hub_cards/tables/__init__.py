"""Scores as tables: Markdown, LaTeX, CSV, terminal."""
