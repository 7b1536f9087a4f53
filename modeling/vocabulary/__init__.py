"""What text uses of a vocabulary, and a vocabulary cut to what is used."""
