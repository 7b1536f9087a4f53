"""Where sentences come from: the embedded CLDR, the Hub, files."""
