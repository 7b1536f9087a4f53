"""One reader for the files people have: what a file is taken for, and its rows."""
