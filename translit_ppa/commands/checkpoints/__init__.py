"""Commands that make a checkpoint out of others."""
