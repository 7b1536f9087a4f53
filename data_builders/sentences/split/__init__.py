"""Documents into sentences: where one ends, and where one that is too long may be cut."""
