"""The embedded source: names and phrases of the Unicode CLDR."""
