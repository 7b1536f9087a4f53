"""Commands that make pairs, and what they are made with."""
