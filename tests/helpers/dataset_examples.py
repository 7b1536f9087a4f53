"""A folder of pairs that is published, and its licence."""

from __future__ import annotations

import csv

from corridor_examples import WORDS
from translit_ppa.data_builders import build_pairs

LICENCE = ("--license", "cc0-1.0")


def write_pairs(folder, name, rows, *, suffix=""):
    """Ready pairs of the group `name` in `folder/pairs`; `suffix` makes other rows."""
    text = folder / f"text-{name}{suffix}"
    text.mkdir(parents=True)
    codes = {"mediterranean": ("ell_Grek", "heb_Hebr"), "sea": ("tha_Thai",)}[name]
    for code in codes:
        original, latin = WORDS.get(code, ("สวัสดี", "swasdi"))
        with (text / f"{code}.csv").open("w", encoding="utf-8", newline="") as file:
            lines = [(f"{original} {i}{suffix}", f"{latin} {i}{suffix}") for i in range(rows)]
            csv.writer(file).writerows([("text", "transliteration"), *lines])
    build_pairs(name, f"files:{text}", folder / "pairs", progress=False)
    return folder / "pairs"
