"""The figures that the paper prints, as data."""
