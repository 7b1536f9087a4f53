"""The one schema of facts: what was built, trained and scored, as JSON in and out."""
