"""The romaniser uroman, cut where its tables prove it safe, so that it is many times faster."""
