"""The soak campaign: kills, bad inputs, odd options and broken answers of the Hub, by the thousand.

`make soak` runs it. A case is drawn by hypothesis from a seed, so that any part of a campaign can
be run again; `verdict` says what counts as wrong, and docs/reliability.md what was found.
"""
