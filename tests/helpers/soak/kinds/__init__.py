"""The kinds of cases: damaged files, odd options, a broken Hub, kills."""
