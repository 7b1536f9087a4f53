"""Scores from records: means, spreads, comparisons, verdicts."""
