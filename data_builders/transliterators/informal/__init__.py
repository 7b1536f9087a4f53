"""Romanisation as people write it: several spellings of a letter, drawn sentence by sentence."""
