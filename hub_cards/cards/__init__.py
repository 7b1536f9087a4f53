"""Cards and pages, rendered from records."""
