"""How fast and in how much memory text is romanised, and that ours writes what uroman writes."""
