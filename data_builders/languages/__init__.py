"""Languages: their codes, other spellings of them, and the groups that are built together."""
