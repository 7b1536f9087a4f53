"""Scores: models, benchmarks, the store of records, tables."""
