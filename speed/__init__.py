"""Benchmarks: the authors' way and ours, alternately, on the same text (`python -m speed`).

Not part of the installed package: it measures a checkout. It may join the rooms, as the corridors
at the top level do.
"""
