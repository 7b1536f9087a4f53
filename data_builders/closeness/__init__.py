"""How close languages are, by their romanised text and by typology."""
