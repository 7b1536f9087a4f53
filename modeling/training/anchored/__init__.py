"""What anchored training reads besides pairs: teacher vectors, batches of one language."""
