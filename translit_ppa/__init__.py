"""Break the script barrier of multilingual encoders by transliteration-based alignment."""
