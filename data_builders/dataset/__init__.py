"""The folder of a dataset: configs, splits, card, and recipes that stand for its text."""
