"""Tasks: what is fine-tuned and tested, how, and the records of it."""
