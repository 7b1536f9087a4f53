"""Benchmarks with labels: texts with a topic, words with a tag."""
